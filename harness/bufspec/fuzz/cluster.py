"""A campaign on a cluster of dask.distributed: each part is a job, in the record once however often it ran.

A job runs one part (`--shard I/N`) as the command does, in a folder of its own where its worker is, and
gives back the files.  The driver writes them to `parts/I`, whole or not at all.  Dask runs a job again whose
worker was lost; where the scheduler is lost, the same command takes up the parts that are not there.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from asyncio import CancelledError
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from bufspec.errors import EngineError, RecordError, SelectionError
from bufspec.files.json_text import object_from_text
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.written import new_folder, write_bytes, write_whole
from bufspec.fuzz.finding import Findings
from bufspec.fuzz.gathered import CAMPAIGN_FILE, gather

LOCAL = "local"
RETRIES = 5
"""How often a job is run again whose worker was lost."""
CONNECT_SECONDS = "20s"
ENDED_WELL = (0, 1, 3)
"""Of the command: it came to something."""
PR_SET_PDEATHSIG = 1

Files = dict[str, bytes]


class PartError(Exception):
    """The command of a part was refused where its worker is."""


def run_part(words: Sequence[str], part: int, of: int) -> Files:
    """Run one part of the campaign that the words ask for: the job.  What its folder then has, by path."""
    with tempfile.TemporaryDirectory(prefix="bufspec-part-") as name:
        folder = Path(name) / "campaign"
        command = [sys.executable, "-m", "bufspec.cli", "fuzz", *words, "--shard", f"{part}/{of}"]
        done = subprocess.run(
            [*command, "--out", str(folder), "--format", "json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            preexec_fn=_end_with_worker,
            check=False,
        )
        if done.returncode not in ENDED_WELL or not (folder / CAMPAIGN_FILE).is_file():
            raise PartError(done.stderr.strip()[-2000:] or f"exit status {done.returncode}")
        kept = (CAMPAIGN_FILE, "findings", "corpus")
        return {
            str(file.relative_to(folder)): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file() and file.relative_to(folder).parts[0] in kept
        }


def _end_with_worker() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@define
class ClusterCampaign:
    """A campaign in so many parts, in a folder."""

    words: list[str]
    parts: int
    scheduler: str
    folder: Path
    watch: Callable[[int, int, Findings], None]
    done: list[int] = field(factory=list)

    def run(self) -> Findings:
        """Run what is left of it.  Raises EngineError where no cluster is there, or it was lost."""
        self._begin()
        left = [part for part in range(1, self.parts + 1) if not self._place(part).is_dir()]
        self.done = [part for part in range(1, self.parts + 1) if part not in left]
        if left:
            self._run(left)
        return self._gathered()

    def _begin(self) -> None:
        new_folder(self.folder)
        new_folder(self.folder / "parts")
        asked = {"words": self.words, "of": self.parts}
        file = self.folder / "cluster.json"
        if file.exists() and object_from_text(read_text(file, MEGABYTE), str(file)) != asked:
            raise RecordError(
                "another campaign is there",
                where=str(file),
                hint="the same command continues it; else use another --out",
            )
        write_whole(file, json.dumps(asked) + "\n")

    def _place(self, part: int) -> Path:
        return self.folder / "parts" / str(part)

    def _run(self, left: list[int]) -> None:
        try:
            from distributed import Client, LocalCluster, as_completed
        except ImportError as error:
            raise EngineError(
                "dask.distributed is not installed", where="--dask", hint="pip install 'bufspec[dask]'"
            ) from error
        cluster: Any = None
        client: Any = None
        try:
            if self.scheduler == LOCAL:
                workers = min(len(left), self.parts)
                cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
                )
            client = Client(cluster or self.scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
            futures = {
                client.submit(run_part, self.words, part, self.parts, retries=RETRIES, pure=False): part
                for part in left
            }
            for future in as_completed(futures, loop=client.loop):
                if future.cancelled():
                    raise OSError("the scheduler was lost")
                self._take(futures[future], future.result())
        except PartError as error:
            raise SelectionError(f"a part cannot be run: {error}", where="--dask") from error
        except (OSError, RuntimeError, CancelledError) as error:
            raise EngineError(
                f"the cluster cannot be used: {error or type(error).__name__}",
                where=self.scheduler,
                hint=f"{len(self.done)} of {self.parts} parts are done; the same command goes on with --out",
            ) from error
        finally:
            for one in (client, cluster):
                if one is not None:
                    one.close(timeout=5)

    def _take(self, part: int, files: Files) -> None:
        """Write down what a part came to, once: whole, or not at all."""
        place = self._place(part)
        if place.is_dir():
            return
        new = place.with_name(f".new-{part}")
        shutil.rmtree(new, ignore_errors=True)
        for name, text in files.items():
            file = new / name
            new_folder(file.parent)
            write_bytes(file, text)
        os.replace(new, place)
        self.done.append(part)
        self.watch(len(self.done), self.parts, self._gathered())

    def _gathered(self) -> Findings:
        return gather([self._place(part) for part in sorted(self.done)], self.folder / "whole")
