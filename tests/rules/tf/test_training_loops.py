"""What training loops use beside operations: strategies, checkpoints, policies, exceptions."""

from __future__ import annotations

from tests.harness import check_compile


def test_strategies_run_on_one_device() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def step(fn, batch):
            strategy = tf.distribute.MirroredStrategy()
            losses = strategy.run(fn, args=(batch,))
            loss = strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)
            return loss / strategy.num_replicas_in_sync
        """,
        """\
        from tf_compat import Strategy


        def step(fn, batch):
            strategy = Strategy()
            losses = strategy.run(fn, args=(batch,))
            loss = strategy.reduce("SUM", losses, axis=None)
            return loss / strategy.num_replicas_in_sync
        """,
    )


def test_checkpoints_keep_their_code() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def resume(model, optimizer, folder):
            checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer)
            manager = tf.train.CheckpointManager(checkpoint, folder, max_to_keep=3)
            try:
                checkpoint.restore(tf.train.latest_checkpoint(folder))
            except tf.errors.NotFoundError:
                print("nothing to restore")
            return manager
        """,
        """\
        from tf_compat import Checkpoint, CheckpointManager, latest_checkpoint


        def resume(model, optimizer, folder):
            checkpoint = Checkpoint(model=model, optimizer=optimizer)
            manager = CheckpointManager(checkpoint=checkpoint, directory=folder, max_to_keep=3)
            try:
                checkpoint.restore(latest_checkpoint(folder))
            except FileNotFoundError:
                print("nothing to restore")
            return manager
        """,
    )


def test_a_policy_is_left_out_under_a_warning() -> None:
    file = check_compile(
        """\
        from tensorflow import keras

        keras.mixed_precision.set_global_policy("mixed_bfloat16")
        dtype = keras.mixed_precision.Policy("mixed_bfloat16").compute_dtype
        """,
        """\
        from tf_compat import DTypePolicy

        dtype = DTypePolicy("mixed_bfloat16").compute_dtype
        """,
    )
    assert "TJ6012" in [d.code for d in file.diagnostics]
