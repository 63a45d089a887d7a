"""For cron and monitoring: one line about a product's licence, and an exit code that says how bad it is.

    */10 * * * *  python cron_check.py /var/lib/cusp/licence || mail -s "licence" voice@example.org

0 ok, 1 warning, 2 calls are blocked, 3 unknown. It only looks: the agent may be running, and nothing is changed.
`smartlic agent status --check --state FOLDER` does the same; this is how to do it in a script of one's own.
"""

from __future__ import annotations

import sys

import smartlic as sl

WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
UNKNOWN = 3


def check(folder: str) -> tuple[int, str]:
    """The exit code, and a sentence that says when calls stop."""
    try:
        with sl.Agent.peek(folder) as agent:
            explanation = agent.explain()
            return explanation.level, explanation.answer
    except sl.SmartlicError as error:
        return UNKNOWN, f"{error} [{error.code}]"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: cron_check.py STATE-FOLDER")
    level, sentence = check(sys.argv[1])
    print(f"LICENCE {WORDS[level]}: {sentence}")
    sys.exit(level)
