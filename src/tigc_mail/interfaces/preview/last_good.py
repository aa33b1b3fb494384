"""The audiences as they last were right: one wrong file keeps no other audience from being seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tigc_mail.errors import DocumentError, Fault
from tigc_mail.people.audience import Audience, each_audience, no_audience


@dataclass
class LastGood:
    """Reads the audiences for somebody who only looks; what is sent is never made from these."""

    _wrong: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    """What is wrong with the files, by the name of each."""
    _good: dict[str, Audience] = field(default_factory=dict)
    _now: frozenset[str] = frozenset()
    """Those whose files are right now."""

    def read(self, folder: Path) -> dict[str, Audience]:
        """Return the audiences in a folder by id: each as it is now, or as it last was right.

        Raises:
            DocumentError: if there is none that is right, or ever was.
        """
        right, wrong = dict[str, Audience](), dict[str, tuple[Fault, ...]]()
        for name, found in each_audience(folder):
            if isinstance(found, Audience):
                right[name] = found
            else:
                wrong[name] = (*wrong.get(name, ()), *found)
        before = {name: self._good[name] for name in wrong if name in self._good}
        self._wrong, self._now = wrong, frozenset(right)
        self._good = dict(sorted((before | right).items()))
        if not self._good:
            raise DocumentError(self.all) if wrong else no_audience(folder)
        return dict(self._good)

    def faults_of(self, name: str) -> tuple[Fault, ...]:
        """Return why an audience is not that of now; nothing where it is."""
        return () if name in self._now else self._wrong.get(name, ())

    def besides(self, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
        """Return faults of an edition without those that miss an audience whose file is wrong."""
        return tuple(fault for fault in faults if not self._misses(fault))

    def _misses(self, fault: Fault) -> bool:
        """Tell whether a fault is that of audiences which are there, in files that are wrong."""
        names, found, _ = fault.cause.partition(": no such audience")
        return bool(found) and self._wrong.keys() >= {*names.split(", ")}

    @property
    def hopeless(self) -> bool:
        """Whether there are files of audiences, and none of them is or ever was right."""
        return bool(self._wrong) and not self._good

    @property
    def unknown(self) -> tuple[Fault, ...]:
        """What is wrong with the files of audiences that never were right."""
        return tuple(
            fault for name, each in self._wrong.items() if name not in self._good for fault in each
        )

    @property
    def all(self) -> tuple[Fault, ...]:
        """What is wrong with all the files."""
        return tuple(fault for each in self._wrong.values() for fault in each)
