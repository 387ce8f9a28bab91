"""The explorer in a real browser: it runs under its own policy, asks only this node, and says what it got."""

import json

import pytest

from tests.api.test_serve import serving
from tests.api.world import GHAF, run
from tests.browser.chrome import PROGRAM, browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="no chromium on PATH"),
]
OUT = "document.querySelector('pre').textContent"


def test_an_address_is_tried_with_a_key_and_its_answer_shown(tmp_path):
    async def story():
        async with serving(tmp_path) as server, browser(tmp_path / "profile") as page:
            base = f"http://127.0.0.1:{server.port}"
            await page.open(f"{base}/")
            assert f"{base}/explorer" == await page.run("location.href")
            assert "Steelyard: addresses" == await page.run("document.title")
            assert await page.run("document.querySelectorAll('table tbody tr').length") > 50
            style = "getComputedStyle(document.querySelector('table')).borderCollapse"
            assert "collapse" == await page.run(style)

            await page.run("document.querySelector('a[data-try][href=\"/v1/me\"]').click()")
            assert "/v1/me" == await page.run("document.forms[0].address.value")

            await page.run("document.forms[0].requestSubmit()")
            await page.until(f"{OUT}.startsWith('401 ')")
            refused = json.loads((await page.run(OUT)).partition("\n\n")[2])
            assert "no-credentials" == refused["code"]

            await page.run(f"document.forms[0].key.value = {json.dumps(server.world.keys[GHAF])}")
            await page.run("document.forms[0].requestSubmit()")
            await page.until(f"{OUT}.startsWith('200 ')")
            assert GHAF == json.loads((await page.run(OUT)).partition("\n\n")[2])["owner"]
            assert server.world.keys[GHAF] not in await page.run("location.href")

            assert {True} == {address.startswith(base) for address in page.asked}
            assert [] == [line for line in page.said if "401" not in line]  # what is not found says so itself

    run(story())


def test_what_a_node_says_is_text_and_no_part_of_the_page(tmp_path):
    """An answer with markup in it is shown, not run; and a script put in from outside is kept out by the policy."""

    async def story():
        async with serving(tmp_path) as server, browser(tmp_path / "profile") as page:
            await page.open(f"http://127.0.0.1:{server.port}/explorer")
            await page.run("document.forms[0].address.value = '/v1/<img src=x onerror=document.title=1>'")
            await page.run("document.forms[0].requestSubmit()")
            await page.until(f"{OUT}.startsWith('404 ')")
            assert 0 == await page.run("document.querySelectorAll('pre *').length")
            await page.run(
                "{ const s = document.createElement('script'); s.textContent = 'document.title = \"taken\"';"
                " document.body.append(s); }"
            )
            assert "Steelyard: addresses" == await page.run("document.title")
            assert any("Content Security Policy" in line for line in page.said)

    run(story())
