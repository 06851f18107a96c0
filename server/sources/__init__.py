"""Systems that only offer a list over HTTP or a folder of files: read, mapped, stored."""
