"""Waits in a Python process, and samples its threads for one window when it is asked to.

Loaded as `sitecustomize` from a directory of its own in front of PYTHONPATH, in which it meets who asks: `PID.ready` says that
the process can be sampled; SIGURG begins a window of as many seconds as the file `window` holds, and the file becomes
`PID.sampling`, then `PID.stacks`. A guest: it prints nothing, raises nothing, and runs the sitecustomize that it hides. Python
3.8 and newer, on Linux.

Until the window there is neither a thread nor a timer, and no thread after it: one that waited would be in the way of every
fork (Python 3.12 warns of it). SIGURG is sent by nothing else, and ignored where this is not loaded, or no longer, after exec.

A thread sees the others only while it holds the interpreter's lock, and each of them where it let go of it. Three things make
a truth of that: the lock is asked for often; the kernel tells what runs, what wants the lock and what waits for something else;
and a look that C code has held up stands for all of the time that it took.
"""

import _thread
import os
import sys
import time

import deep_optimize_guest

# As they are now: gevent and eventlet put others in their place, which would make one of the program's greenlets of the sampler.
start_new_thread, get_ident, sleep = _thread.start_new_thread, _thread.get_ident, time.sleep

# Between two looks, on the average. A look costs the program some 0.1 ms.
PAUSE_S = 0.003
# Who wants the lock gets it when its holder lets go of it, or after this long (else 5 ms). Where a holder lets go of it by
# itself, to wait for something, is not where it spends its time; but the sooner, the more often all threads change places.
SWITCH_S = 0.00005
# CPUCLOCK_PERTHREAD and CPUCLOCK_SCHED of the kernel (linux/posix-timers_types.h). pthread_getcpuclockid gives the same clock,
# and may end the process if the thread has just ended, which is an OSError here.
THREAD_CLOCK = 6
# The number of futex (asm/unistd.h), in which threads wait for locks.
FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(os.uname().machine if hasattr(os, "uname") else "")


def waits(tid):
    """For something else than to run and the interpreter's lock, as the kernel sees it (proc_pid_syscall(5)). The wait for that
    lock has a limit; those for others have none mostly."""
    try:
        file = os.open("/proc/self/task/%d/syscall" % tid, os.O_RDONLY)
    except FileNotFoundError:
        # It has ended.
        return True
    try:
        call = os.read(file, 256).split()
    except ProcessLookupError:
        return True
    finally:
        os.close(file)
    # -1: for memory.
    runs = call[0] in (b"running", b"-1")
    return not runs and (call[0] != FUTEX or call[4] == b"0x0")


class Clocks:
    """CPU time of each thread that Python knows, by its id in the system."""

    def __init__(self, main):
        known = getattr(sys.modules.get("threading"), "_active", {})
        self.idents = {getattr(thread, "native_id", None): ident for ident, thread in list(known.items())}
        self.idents.pop(None, None)
        self.idents[os.getpid()] = main
        self.cpu = {}
        self.at = time.monotonic()
        for tid in self.idents:
            try:
                self.cpu[tid] = time.clock_gettime(~tid << 3 | THREAD_CLOCK)
            except OSError:
                # It has ended.
                pass

    def ran_since(self, earlier):
        """Seconds of CPU of the threads that have used any; one that was not there before began with none."""
        ran = {tid: seconds - earlier.cpu.get(tid, 0.0) for tid, seconds in self.cpu.items()}
        return {tid: seconds for tid, seconds in ran.items() if seconds > 0}


def look_for(seconds, main, stack_of):
    """Stacks with the CPU time that they stand for, and the sum of the squares of what made it up."""
    import math

    stacks = {}
    squares = 0.0
    turn = 0.0
    earlier = Clocks(main)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # Exponential pauses: without memory, looks meet the program at any moment of what it does, whatever held up the one
        # before. Multiples of the golden ratio are spread evenly.
        turn = (turn + 0.618034) % 1
        pause = -PAUSE_S * math.log(1 - turn)
        start = time.monotonic()
        sleep(pause)
        late = max(0.0, time.monotonic() - start - pause)
        frames = sys._current_frames()
        clocks = Clocks(main)
        ran = clocks.ran_since(earlier)
        seen = {tid: stack_of(frames[clocks.idents[tid]]) for tid in ran if clocks.idents[tid] in frames}
        # They keep what their functions hold.
        del frames
        busy = {tid: ran[tid] for tid in seen if not waits(tid)}
        # One that runs had a core; of those that want the lock one had it, and who used more since the look before was it rather.
        cores = min(sum(busy.values()), clocks.at - earlier.at)
        # What has kept the lock for so long has used as much CPU; else the machine was busy.
        kept = min(late, max(busy.values(), default=0.0))
        for tid, used in busy.items():
            weight = (PAUSE_S + kept) * used / cores
            stacks[seen[tid]] = stacks.get(seen[tid], 0.0) + weight
            squares += weight * weight
        earlier = clocks
    return stacks, squares


def wait_for_window(directory):
    import signal

    stack_of = deep_optimize_guest.stack_reader()
    state = {"main": 0, "usual": None}

    def file_of(name):
        return os.path.join(directory, "%d.%s" % (os.getpid(), name))

    def use_usual_switch():
        if state["usual"] is not None:
            sys.setswitchinterval(state["usual"])
            state["usual"] = None

    def told():
        try:
            with open(os.path.join(directory, "window"), encoding="utf-8") as file:
                seconds = float(file.read())
            state["usual"] = sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_S)
            stacks, squares = look_for(seconds, state["main"], stack_of)
        except Exception as error:
            return ["failed %s\n" % type(error).__name__]
        finally:
            use_usual_switch()
        # In ns.
        lines = ["%s %d\n" % (stack, round(weight * 1e9)) for stack, weight in stacks.items()]
        return ["squares %d\n" % round(squares * 1e18)] + lines

    def sample():
        try:
            # Fails if it was asked before.
            os.rename(file_of("ready"), file_of("sampling"))
            with open(file_of("sampling"), "w", encoding="utf-8", errors="replace") as file:
                file.writelines(told())
            os.rename(file_of("sampling"), file_of("stacks"))
        except Exception:
            # Who asked sees that nothing came.
            pass

    def on_signal(_signal, _frame):
        try:
            # Not by threading, which would count it among the threads of the program.
            start_new_thread(sample, ())
        except Exception:
            pass

    def register():
        state["main"] = get_ident()
        open(file_of("ready"), "w", encoding="utf-8").close()

    def after_fork():
        try:
            use_usual_switch()
            register()
        except Exception:
            pass

    # Fails where the kernel does not tell.
    waits(os.getpid())
    if FUTEX is not None and signal.getsignal(signal.SIGURG) is signal.SIG_DFL:
        signal.signal(signal.SIGURG, on_signal)
        os.register_at_fork(after_in_child=after_fork)
        register()


deep_optimize_guest.begin(__file__, wait_for_window)
