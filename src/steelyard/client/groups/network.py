"""Orders about the network: who takes part in it, who acts for whom, calendars, packs and rules."""

from collections.abc import Sequence

import msgspec

from steelyard.client import acts
from steelyard.client.ask import Ask, Versioned, change, get_versioned, order, path
from steelyard.client.types import Done, ParticipantSettings, PersonAdded
from steelyard.client.verbs import F, Group, Verb

MEMBERS, PARTICIPANTS, PERSONS = "/v1/members", "/v1/participants", "/v1/persons"
MEMBER_STEPS = ("configure", "activate", "suspend", "lift", "leave", "close")
PARTICIPANT_STEPS = ("admit", "refuse", "let_in", "withdraw", "leave", "lift")


class Network(Group[F]):
    """Sensitive orders come back as a proposal, state PROPOSED, that a second person approves."""

    @Verb
    def enter_member(self, member: acts.MemberAsked, *, key: str | None = None) -> Ask[Done]:
        """Enter a member."""
        return order("POST", MEMBERS, member, key=key, subject=member.code)

    @Verb
    def move_member(self, code: str, step: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Configure, activate, suspend, lift, leave or close a member."""
        address = path(MEMBERS, code, _one_of(step, MEMBER_STEPS))
        return order("POST", address, acts.Because(reason=reason), key=key, subject=code)

    @Verb
    def enter_participant(self, participant: acts.ParticipantAsked, *, key: str | None = None) -> Ask[Done]:
        """Enter an applicant."""
        return order("POST", PARTICIPANTS, participant, key=key, subject=participant.bic)

    @Verb
    def move_participant(self, bic: str, step: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Take a participant a step on: admit, refuse, let_in, withdraw, leave, lift."""
        address = path(PARTICIPANTS, bic, _one_of(step, PARTICIPANT_STEPS))
        return order("POST", address, acts.Because(reason=reason), key=key, subject=bic)

    @Verb
    def suspend(
        self, bic: str, *, sending_only: bool = False, reason: str = "", key: str | None = None
    ) -> Ask[Done]:
        """Suspend a participant, or bar it from sending alone."""
        asked = acts.SuspensionAsked(sending_only=sending_only, reason=reason)
        return order("POST", path(PARTICIPANTS, bic, "suspend"), asked, key=key, subject=bic)

    @Verb
    def close_participant(self, bic: str, statement: str, *, key: str | None = None) -> Ask[Done]:
        """Close a participant; `statement` is the digest of the final statement both sides signed."""
        asked = acts.ClosingAsked(statement=statement)
        return order("POST", path(PARTICIPANTS, bic, "close"), asked, key=key, subject=bic)

    @Verb
    def settings(self, bic: str) -> Ask[Versioned[ParticipantSettings]]:
        """Give what a participant has set for itself, with the version that a change must name."""
        return get_versioned(path(PARTICIPANTS, bic, "settings"), ParticipantSettings)

    @Verb
    def change_settings(
        self, bic: str, settings: acts.Settings, version: str, *, key: str | None = None
    ) -> Ask[Done]:
        """Change one's own settings; what is left out stays."""
        address = path(PARTICIPANTS, bic, "settings")
        return order("PATCH", address, settings, key=key, subject=bic, version=version)

    @Verb
    def add_person(
        self,
        actor: str,
        owner: str,
        roles: Sequence[str],
        *,
        human: str = "",
        public_key: str | None = None,
        key: str | None = None,
    ) -> Ask[PersonAdded]:
        """Let a person act for an owner; the answer has the one-time code to enrol with."""
        asked = acts.PersonAsked(
            actor=actor, owner=owner, roles=_roles(roles), human=human, public_key=public_key
        )
        return change(
            "POST", PERSONS, asked, PersonAdded, key=key,
            unknown=lambda why, key: PersonAdded(outcome="unknown", subject=actor),
        )  # fmt: skip

    @Verb
    def add_system_key(
        self,
        actor: str,
        owner: str,
        roles: Sequence[str],
        holder: str,
        *,
        public_key: str | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Let a system act for an owner; `holder` is the person who answers for it."""
        asked = acts.SystemKeyAsked(
            actor=actor, owner=owner, roles=_roles(roles), holder=holder, public_key=public_key
        )
        return order("POST", "/v1/system-keys", asked, key=key, subject=actor)

    @Verb
    def set_roles(self, actor: str, roles: Sequence[str], *, key: str | None = None) -> Ask[Done]:
        """Set an actor's roles from now on."""
        asked = acts.RolesAsked(roles=_roles(roles))
        return order("POST", path(PERSONS, actor, "roles"), asked, key=key, subject=actor)

    @Verb
    def revoke(self, actor: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Let a person or system act no more."""
        asked = acts.Because(reason=reason)
        return order("POST", path(PERSONS, actor, "revoke"), asked, key=key, subject=actor)

    @Verb
    def amend_calendar(
        self, asset: str, calendar: acts.CalendarAsked, *, key: str | None = None
    ) -> Ask[Done]:
        """Bring a revision of a currency's calendar into force."""
        return order("POST", path("/v1/calendars", asset), calendar, key=key, subject=asset)

    @Verb
    def load_pack(self, pack: acts.PackAsked, *, key: str | None = None) -> Ask[Done]:
        """Bring a pack of the whole network into force."""
        return order("POST", "/v1/packs", pack, key=key, subject=pack.id)

    @Verb
    def load_rule_pack(self, pack: acts.PackAsked, *, key: str | None = None) -> Ask[Done]:
        """Bring a rule pack of one's own member into force."""
        return order("POST", "/v1/rule-packs", pack, key=key, subject=pack.id)

    @Verb
    def activate(self, rule: str, from_at: str, *, key: str | None = None) -> Ask[Done]:
        """Bring a rule of the release into force from an instant on."""
        asked = acts.ActivationAsked(rule=rule, from_at=from_at)
        return order("POST", "/v1/rules", asked, key=key, subject=rule)


def _one_of(step: str, steps: Sequence[str]) -> str:
    if step not in steps:
        raise ValueError(f"{step} is none of {', '.join(steps)}")
    return step


def _roles(words: Sequence[str]) -> list[acts.RoleName]:
    return msgspec.convert(list(words), list[acts.RoleName])
