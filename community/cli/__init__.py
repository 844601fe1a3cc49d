"""Commands of `python3 -m community`; standard library only, as nothing is installed yet."""
