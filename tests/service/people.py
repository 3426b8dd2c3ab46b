"""Who a browser is to a server, in tests."""

from explorer.access import rights
from explorer.access.rights import HERE

APP = "http://localhost:8501"


def who(client):
    """Who a browser is to the server."""
    with rights.acting(HERE):  # no page
        from explorer.service.owners import somebody

        return somebody(False, {cookie.name: cookie.value for cookie in client.cookies.jar})
