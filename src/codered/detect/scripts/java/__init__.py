"""What pages of Java servers do (JSP, JSPX, expression language): `reading.read_java` is the reader.

A page is cut into its code (`pages`), the code into words (`tokens`) and into methods (`units`), and every expression
is worked out over values that know where they come from (`values`, `expressions`); `calls` says what a call means.
"""
