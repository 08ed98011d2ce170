"""CGI programs in Perl, Python and shell."""
