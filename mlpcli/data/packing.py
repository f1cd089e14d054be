"""How far packed bytes may swell: a small file that unpacks to hundreds of megabytes of zeros is a bomb, not data."""

from mlpcli.core.errors import MlpError

UNSUSPICIOUS = 2**23  # bytes: less is unpacked without further ado
MOST_SWELLING = 200  # times; deflate reaches 1032, images of digits 5, text 20


def check_swelling(packed: int, unpacked: int, where: str) -> None:
    """Raises MlpError where a file claims to hold far more than its size makes likely."""
    if unpacked > max(UNSUSPICIOUS, MOST_SWELLING * packed):
        limit = f"{MOST_SWELLING} times as much is the most"
        raise MlpError(f"{where}: declares {unpacked} bytes of data, packed into {packed}; {limit}")
