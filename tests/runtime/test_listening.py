from contextlib import closing

import pytest

from runtime.errors import AddressUnusable, PortTaken
from runtime.listening import listen


def test_a_taken_port_is_named_with_what_to_do():
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} on 127\.0\.0\.1 .* --port"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(AddressUnusable, match=r"192\.0\.2\.1"):
        listen("192.0.2.1", 0)
