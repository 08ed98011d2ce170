"""Classic ASP: VBScript and JScript in pages."""
