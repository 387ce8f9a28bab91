"""HTTP/1.1 as it may come: pieces, chunks, closing, nonsense; connections are kept, bounded and given back."""

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from steelyard.client import AsyncSteelyard, ClientError, Unreachable
from tests.client.clients import KEY, QUICK
from tests.client.server import STATUS, Break, Silence, in_turn, says, serving

CHUNKED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    b'C\r\n{"live":true\r\n1;x=y\r\n}\r\n0\r\ntrailer: t\r\n\r\n'
)


def test_a_unix_socket_is_an_address_like_any_other(against, tmp_path):
    """The path of the request stays the same."""
    client, server = against(in_turn(says(STATUS)), socket=str(tmp_path / "api.sock"))

    assert 7 == client.do("status").seq
    assert ("/v1/status", "localhost") == (server.asked[0].target, server.asked[0].headers["host"])


def test_one_connection_serves_request_after_request(against):
    """Kept alive."""
    client, server = against(in_turn(says(STATUS)))

    for _ in range(5):
        client.do("status")

    assert {1} == {one.connection for one in server.asked}


def test_a_connection_that_the_node_closes_is_not_used_again(against):
    """Whether it says so or not, the next request goes over another and arrives once."""
    closing = says(STATUS, connection="close")
    client, server = against(in_turn(closing, Break(closing), says(STATUS)))

    assert [7, 7, 7] == [client.do("status").seq for _ in range(3)]
    assert [1, 2, 3] == [one.connection for one in server.asked]


def test_an_answer_may_come_in_chunks_and_after_a_word_on_the_way(against):
    """103 is no answer; chunks are put together."""
    client, _ = against(in_turn(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + CHUNKED))

    assert {"live": True} == client.do("health")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        says(STATUS)[:100],
    ],
    ids=["another protocol", "a length below zero", "half a head"],
)
def test_what_is_no_http_is_no_answer(against, nonsense):
    """It counts as lost."""
    client, server = against(in_turn(Break(nonsense)))

    with pytest.raises(Unreachable):
        client.do("status")
    assert 2 <= len(server.asked)


def test_an_answer_of_another_shape_is_said_to_be_strange(against):
    """Whatever answers there is no node of this release."""
    client, _ = against(in_turn(says({"hello": "world"})))

    with pytest.raises(ClientError, match="no Status"):
        client.do("status")


def test_an_error_page_of_something_between_is_a_problem_all_the_same(against):
    """A proxy answers in HTML."""
    client, _ = against(in_turn(says(b"<h1>Forbidden</h1>", 403, media="text/html")))

    with pytest.raises(ClientError, match="http-403"):
        client.do("status")


def test_fields_of_later_releases_are_passed_over(against):
    """A node may answer more than this client knows."""
    client, _ = against(in_turn(says(STATUS | {"mood": "good"})))

    assert "small" == client.do("status").network_id


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Give a certificate of this machine's own for 127.0.0.1: the context of a server, and its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begins, address = datetime(2020, 1, 1, tzinfo=UTC), ipaddress.ip_address("127.0.0.1")
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "node.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


def test_tls_is_spoken_with_whom_one_trusts_and_nobody_else(face, certificate):
    """A certificate nobody vouches for ends the connection before anything is sent."""
    context, file = certificate
    with serving(in_turn(says(STATUS)), tls=context) as server:
        trusting = face(server.address, tls=ssl.create_default_context(cafile=file))
        wary = face(server.address)
        try:
            assert 7 == trusting.do("status").seq
            with pytest.raises(Unreachable):
                wary.do("status")
        finally:
            trusting.close()
            wary.close()

    assert 1 == len(server.asked)


def run(story):
    """Run a story to its end."""
    return asyncio.run(asyncio.wait_for(story, 20))


def test_the_async_client_opens_no_more_connections_than_it_may():
    """The rest waits, and all are answered."""

    async def story(server):
        async with AsyncSteelyard(server.address, key=KEY, connections=3) as client:
            found = await asyncio.gather(*(client.status() for _ in range(40)))
        return [one.seq for one in found]

    with serving(in_turn(says(STATUS))) as server:
        assert [7] * 40 == run(story(server))
        assert 3 == server.connections


def test_a_cancelled_request_leaves_no_answer_to_the_next():
    """Its connection is cut: what would still come over it belongs to nobody."""

    def script(asked):
        return Silence() if asked.target == "/health" else says(STATUS)

    async def story(server):
        async with AsyncSteelyard(server.address, key=KEY, connections=1, resend=QUICK) as client:
            task = asyncio.create_task(client.health())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await client.status()).seq

    with serving(script) as server:
        assert 7 == run(story(server))
        assert [1, 2] == [one.connection for one in server.asked]


def test_who_waits_for_a_connection_may_be_cancelled():
    """Its turn goes to the next."""

    async def story(server):
        async with AsyncSteelyard(server.address, key=KEY, connections=1, resend=QUICK) as client:
            tasks = [asyncio.create_task(client.status()) for _ in range(6)]
            await asyncio.sleep(0)
            for task in tasks[1:4]:
                task.cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            return [getattr(one, "seq", None) for one in found]

    with serving(in_turn(says(STATUS))) as server:
        assert [7, None, None, None, 7, 7] == run(story(server))


def test_a_connection_that_cannot_be_made_gives_its_place_back():
    """However often it fails."""

    async def story():
        async with AsyncSteelyard("http://127.0.0.1:9", key=KEY, connections=1, resend=QUICK) as client:
            for _ in range(3):
                with pytest.raises(Unreachable):
                    await client.status()

    run(story())
