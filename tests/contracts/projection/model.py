"""The obviously right answers: every row of the journal read again for every question."""

from steelyard.engine.records import unpack_all
from steelyard.flows import facts
from steelyard.flows.command import decode_command, decode_outcome
from steelyard.flows.facts import decode_fact
from steelyard.storage.frames import iter_acts
from steelyard.storage.queries import key_of


class Journal:
    """All that some rows say, as plain lists."""

    def __init__(self, rows):
        self.commands, self.legs, self.events, self.told = [], [], [], []
        for row in rows:
            before = len(self.legs)
            for act in iter_acts(row.body):
                key = key_of(row.seq, act.position)
                outcome = decode_outcome(act.outcome)
                self.commands.append((key, decode_command(act.command), outcome))
                for leg in unpack_all(act.legs):
                    self.legs.append((row.seq << 20 | len(self.legs) - before, leg))
                self.told += [(key, n, decode_fact(fact)) for n, fact in enumerate(outcome.facts)]
                self.events += [(key, n, notice) for n, notice in enumerate(outcome.notices)]

    def facts(self, *kinds):
        return [each for each in self.told if isinstance(each[2], kinds)]

    def counters(self):
        found = {}
        for _, leg in self.legs:
            settled = leg.amount_minor if leg.act in (1, 3) else 0
            reserved = {2: leg.amount_minor, 3: -leg.amount_minor - leg.released_minor}.get(leg.act, 0)
            if leg.act in (4, 5):
                reserved = -leg.released_minor
            for account, place in ((leg.source, 0), (leg.target, 1)):
                sums = found.setdefault(account, [0, 0, 0, 0])
                sums[place] += settled
                sums[place + 2] += reserved
        return found

    def account_legs(self, account_no):
        return [key for key, leg in self.legs if account_no in (leg.source, leg.target)]

    def payments(self, agent):
        entered = [fact for _, _, fact in self.facts(facts.PaymentEntered)]
        return [fact.uetr for fact in entered if agent in (fact.debtor_agent, fact.creditor_agent)]

    def states(self):
        found = {}
        for _, _, fact in self.facts(facts.PaymentEntered, facts.PaymentMoved):
            moved = isinstance(fact, facts.PaymentMoved)
            found[fact.uetr] = (fact.after if moved else fact.state, fact.refusal)
        return found
