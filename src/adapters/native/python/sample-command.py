"""Samples the Python process that it is loaded into, from its start to its end, and leaves collapsed stacks.

Loaded as `sitecustomize` from a directory of its own in front of PYTHONPATH, in which the stacks are left as well. A guest: it
prints nothing, raises nothing, and runs the sitecustomize that it hides. Python 3.8 and newer.

SIGPROF comes by CPU time, and its handler runs between two bytecodes of the main thread, so that C code counts for the line
that called it. Several signals within one C call are one: a sample weighs the CPU time of the thread since the one before.
"""

import os
import sys

import deep_optimize_guest

INTERVAL_S = 0.002


def sample_main_thread(directory):
    import atexit
    import signal
    import time

    stack_of = deep_optimize_guest.stack_reader()
    stacks = {}
    state = {"last": 0.0, "started": 0.0, "samples": 0}

    def on_signal(_signal, frame):
        now = time.thread_time()
        stack = stack_of(frame)
        stacks[stack] = stacks.get(stack, 0.0) + now - state["last"]
        state["samples"] += 1
        state["last"] = time.thread_time()

    def begin():
        stacks.clear()
        state.update(last=time.thread_time(), started=time.process_time(), samples=0, main=time.thread_time())
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)

    def finish():
        signal.setitimer(signal.ITIMER_PROF, 0)
        if state["samples"] == 0:
            return
        seen = sum(stacks.values())
        elsewhere = (time.process_time() - state["started"]) - (time.thread_time() - state["main"])
        # In samples: what is written must not look as if it rested on more of them than there were.
        unit = seen / state["samples"] if seen > 0 else INTERVAL_S
        lines = ["%s %d\n" % (stack, max(1, round(weight / unit))) for stack, weight in stacks.items()]
        if elsewhere > unit:
            lines.append("other threads of Python %d\n" % round(elsewhere / unit))
        with open(os.path.join(directory, "%d.stacks" % os.getpid()), "a", encoding="utf-8") as file:
            file.writelines(lines)
        stacks.clear()
        state["samples"] = 0

    def on_event(event, _arguments):
        # A timer outlives exec and its handler does not: the signal would end the program that comes next.
        if event == "os.exec":
            finish()

    signal.signal(signal.SIGPROF, on_signal)
    signal.siginterrupt(signal.SIGPROF, False)
    sys.addaudithook(on_event)
    atexit.register(finish)
    # A timer is not inherited.
    os.register_at_fork(after_in_child=begin)
    begin()


deep_optimize_guest.begin(__file__, sample_main_thread)
