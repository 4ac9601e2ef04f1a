"""A password hash that costs nothing, yet is checked by any other process as an ordinary one."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 1
