"""Never imports."""

while True:
    pass
