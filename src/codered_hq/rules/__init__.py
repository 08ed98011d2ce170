"""Rules of engagement: a language of few words, three answers, and the proofs that it holds what it promises."""
