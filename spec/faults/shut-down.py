"""Cuts the power of a file system: what is not on the disk at this instant never gets there.

usage: shut-down.py <a folder in it>

Source: Linux, include/uapi/linux/fs.h: FS_IOC_SHUTDOWN = _IOR('X', 125, __u32); flag 2, FS_SHUTDOWN_FLAGS_NOLOGFLUSH:
the journal is not flushed either.
"""

import fcntl
import os
import struct
import sys

FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2

folder = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(folder, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
