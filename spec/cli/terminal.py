# Runs a command in a pseudo terminal: what comes on standard input is typed, what the command shows goes to standard
# output. At the end a line of JSON on descriptor 3 tells the exit code, and whether the terminal has its mode back.
import fcntl, json, os, pty, select, struct, sys, termios

master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.closerange(3, 256)
    os.execvp(sys.argv[1], sys.argv[1:])

status, sources = None, [0, master]
while True:
    ready, _, _ = select.select(sources, [], [], 0.05)
    if master in ready:
        os.write(1, os.read(master, 65536))
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(master, typed)
        else:
            sources.remove(0)
    if status is not None and not ready:
        break
    if status is None:
        ended, found = os.waitpid(child, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(found)
report = {"code": status, "isSane": termios.tcgetattr(slave) == before}
os.write(3, json.dumps(report).encode())
