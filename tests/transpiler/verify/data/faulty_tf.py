"""Sources that take their process down, or try what they may not."""

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import tensorflow as tf
from mlp_tf import mlp


def exits():
    os._exit(3)


def quits():
    sys.exit(0)


def crashes():
    ctypes.string_at(0)


def raises():
    raise ValueError("no such thing")


def spins():
    while True:
        pass


def sleeps():
    time.sleep(10_000)


def bombs():
    while True:
        os.fork()


def starts_programs():
    subprocess.run(["true"], check=True)


def starts_threads():
    while True:
        threading.Thread(target=time.sleep, args=(10_000,), daemon=True).start()


def allocates():
    return np.ones(100 << 30, np.uint8)


def allocates_a_tensor():
    return tf.zeros((25 << 30,)) + 1.0


def hoards():
    kept = []
    while True:
        kept.append(np.empty(1 << 28, np.uint8))


def writes(path):
    with open(path, "w") as file:
        file.write("x")


def removes(path):
    os.remove(path)


def writes_in_its_folder():
    with open("notes.txt", "w") as file:
        file.write("x")
    return mlp()


def fills_the_disk():
    number = 0
    while True:
        with open(f"{number}.bin", "wb") as file:
            file.write(bytes(1 << 24))
        number += 1


def prints():
    while True:
        print("x" * (1 << 20))


def calls_out():
    socket.create_connection(("127.0.0.1", 9), timeout=5)
