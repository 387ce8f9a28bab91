"""The node's key at the start: what a node does not begin with, and that it is told in one line."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from steelyard.node.config import Config
from steelyard.node.exits import START_CHECK, StartCheck
from steelyard.node.init import init
from steelyard.node.key import PASSPHRASE, check_key
from tests.node.test_cli import steelyard

RIGHT = {PASSPHRASE: "correct horse"}


@pytest.fixture
def node(tmp_path):
    """Give the folder of a node whose key is locked."""
    init(tmp_path / "n", network_id="nor-sud", hub_bic="STEEXX00", passphrase="correct horse")
    return tmp_path / "n"


def clear(path):
    init(path, network_id="nor-sud", hub_bic="STEEXX00", profile="test")
    return (path / "node.key").read_bytes()


def curve():
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_the_right_passphrase_opens_it(node):
    """In every profile."""
    for profile in ("embedded", "test"):
        check_key(Config(folder=node, profile=profile), RIGHT)


@pytest.mark.parametrize("profile", ["embedded", "test"])
@pytest.mark.parametrize(
    ("given", "why"), [({}, "needs its passphrase"), ({PASSPHRASE: "x"}, "does not open")]
)
def test_a_locked_key_needs_its_passphrase(node, profile, given, why):
    """Missing or wrong: 73, with the variable's name."""
    with pytest.raises(StartCheck, match=why) as told:
        check_key(Config(folder=node, profile=profile), given)

    assert (START_CHECK, True) == (told.value.exit_code, PASSPHRASE in told.value.why)


def test_a_key_that_others_read_is_not_used(node):
    """Group-readable is enough."""
    (node / "node.key").chmod(0o640)

    with pytest.raises(StartCheck, match="chmod 600"):
        check_key(Config(folder=node), RIGHT)


def test_a_key_in_the_clear_or_none_is_for_demo_and_test(node, tmp_path):
    """And a passphrase that such a key does not need does no harm."""
    (node / "node.key").write_bytes(clear(tmp_path / "clear"))
    for profile in ("demo", "test"):
        check_key(Config(folder=node, profile=profile), {})
        check_key(Config(folder=node, profile=profile), RIGHT)
    with pytest.raises(StartCheck, match="in the clear"):
        check_key(Config(folder=node), RIGHT)

    (node / "node.key").unlink()
    check_key(Config(folder=node, profile="demo"), {})
    with pytest.raises(StartCheck, match="is not there"):
        check_key(Config(folder=node), RIGHT)


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "no key"), (b"\xff" * 99, "no key"), (curve(), "Ed25519")]
)
def test_what_is_no_key_is_told(node, content, why):
    """Also in the profiles that need none."""
    (node / "node.key").write_bytes(content)

    with pytest.raises(StartCheck, match=why):
        check_key(Config(folder=node, profile="test"), {})


def test_a_node_without_its_passphrase_ends_with_73_and_one_line(node):
    """Nothing is begun: there is no journal afterwards."""
    done = steelyard("node", "run", "--no-gateway", "--config", node)

    assert START_CHECK == done.returncode
    assert (1, True) == (len(done.stderr.splitlines()), PASSPHRASE in done.stderr)
    assert not (node / "journal.db").exists()
    wrong = steelyard("node", "run", "--config", node, STEELYARD_LOGS_FORM="text", **{PASSPHRASE: "x"})
    assert (START_CHECK, 1) == (wrong.returncode, len(wrong.stderr.splitlines()))
    assert wrong.stderr.startswith("steelyard: the node's key ")
