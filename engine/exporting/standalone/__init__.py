"""What an export holds to be used without this program: its files import nothing of ours."""
