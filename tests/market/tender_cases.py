"""Small tenders, drawn by chance, for the tests that compare with every award there is."""

from hypothesis import strategies as st

from steelyard.market.incoterms import Cost
from steelyard.market.tender import ALWAYS, Capacity, CostRate, FirmRate, Offer, Tender, Vessel

PORTS = ("P", "Q")
LAYCANS = st.sampled_from([ALWAYS, (1, 5), (4, 9), (7, 9)])
CURRENCIES = st.sampled_from(["", "", "NOR"])

TERMS = st.sampled_from(["FOB", "FOB", "EXW", "FCA", "CPT", "CFR", "CIF", "DAP"])
COSTS = st.sampled_from(
    [(), (CostRate(Cost.LOADING, 2), CostRate(Cost.UNLOADING, 3), CostRate(Cost.DUTY, 5))]
)


@st.composite
def tenders(draw, offers_max=5, prices=40):
    """Draw a tender of a few offers on a few vessels."""
    offers = []
    for no in range(draw(st.integers(1, offers_max))):
        most = draw(st.integers(1, 3))
        offers.append(
            Offer(
                f"o{no}", draw(st.sampled_from("abc")), draw(st.sampled_from(["ONE", "TWO"])),
                draw(st.sampled_from(PORTS)), draw(st.integers(1, prices)), most, draw(st.integers(1, most)),
                draw(CURRENCIES), draw(LAYCANS), draw(st.integers(0, 2)), draw(st.sampled_from([5, 100])),
                draw(st.sampled_from([0, 30])), draw(TERMS),
            )
        )  # fmt: skip
    vessels = tuple(
        Vessel(
            f"v{no}", draw(st.sampled_from(PORTS)), draw(st.integers(0, 9)), draw(st.integers(1, 3)),
            draw(CURRENCIES), draw(st.sampled_from([0, 0, 2, 3])), draw(LAYCANS),
        )
        for no in range(draw(st.integers(1, 3)))
    )  # fmt: skip
    capacities = draw(st.lists(st.builds(Capacity, st.sampled_from(["", *PORTS]), st.integers(0, 3), LAYCANS),
                               max_size=2))  # fmt: skip
    return Tender(
        draw(st.integers(1, 4)), 3, tuple(offers), vessels, draw(st.sampled_from([0, 0, 1, 2])), tuple(capacities),
        draw(st.sampled_from([0, 0, 60, 300])), draw(st.sampled_from([0, 0, 1, 2])),
        draw(st.sampled_from([0, 70])), draw(st.sampled_from([0, 900])),
        (FirmRate("NOR", 3, 2),), draw(st.sampled_from([0, 5])), draw(COSTS),
    )  # fmt: skip
