"""ASP.NET: C#, VB and JScript in pages, handlers and services."""
