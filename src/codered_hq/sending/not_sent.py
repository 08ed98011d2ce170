"""Why a notice was not sent, and whether another try may help."""

MOST_WORDS = 200  # of what a server answered


class NotSent(Exception):
    """`lasting`: another try of this notice can't help. `whole`: the way itself does not work, so no other notice will
    go through now. `wait`: seconds that the server asked us to wait (0 = it did not say).
    """

    def __init__(self, why: str, *, lasting: bool = False, whole: bool = False, wait: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.lasting, self.whole, self.wait = why, lasting, whole, wait
