"""Short-time Fourier transforms and windows."""

import math

import jax
import jax.numpy as jnp


def raised_cosine_window(
    length: int, offset: float, *, periodic: bool = True, dtype: jnp.dtype = jnp.float32
) -> jax.Array:
    """tf.signal.hann_window (offset 0.5), hamming_window (0.54). Odd lengths are not periodic."""
    if length == 1:
        return jnp.ones(1, dtype)
    period = length + int(periodic) * (1 - length % 2) - 1
    angle = 2 * math.pi * jnp.arange(length, dtype=dtype) / period
    return offset - (1 - offset) * jnp.cos(angle)


def frame(
    signal: jax.Array,
    frame_length: int,
    frame_step: int,
    *,
    pad_end: bool = False,
    pad_value: float = 0,
    axis: int = -1,
) -> jax.Array:
    """tf.signal.frame: `axis` becomes (frames, frame_length)."""
    axis = axis % signal.ndim
    size = signal.shape[axis]
    if pad_end:
        count = -(-size // frame_step)
        missing = max(0, frame_length + frame_step * (count - 1) - size)
        pads = [(0, missing if i == axis else 0) for i in range(signal.ndim)]
        signal = jnp.pad(signal, pads, constant_values=pad_value)
    else:
        count = max(0, 1 + (size - frame_length) // frame_step)
    places = jnp.arange(count)[:, None] * frame_step + jnp.arange(frame_length)
    return jnp.take(signal, places, axis=axis)


def overlap_and_add(signal: jax.Array, frame_step: int) -> jax.Array:
    """tf.signal.overlap_and_add: (*B, frames, length) -> (*B, samples)."""
    frames, length = signal.shape[-2:]
    places = jnp.arange(frames)[:, None] * frame_step + jnp.arange(length)
    result = jnp.zeros((*signal.shape[:-2], length + frame_step * (frames - 1)), signal.dtype)
    return result.at[..., places].add(signal)


def stft(
    signals: jax.Array,
    frame_length: int,
    frame_step: int,
    *,
    fft_length: int | None = None,
    pad_end: bool = False,
) -> jax.Array:
    """tf.signal.stft with a Hann window: (*B, samples) -> (*B, frames, fft_length / 2 + 1)."""
    fft_length = fft_length or 2 ** math.ceil(math.log2(frame_length))
    frames = frame(signals, frame_length, frame_step, pad_end=pad_end)
    return jnp.fft.rfft(frames * raised_cosine_window(frame_length, 0.5), n=fft_length)


def inverse_stft(
    stfts: jax.Array, frame_length: int, frame_step: int, *, fft_length: int | None = None
) -> jax.Array:
    """tf.signal.inverse_stft with a Hann window."""
    fft_length = fft_length or 2 ** math.ceil(math.log2(frame_length))
    frames = jnp.fft.irfft(stfts, n=fft_length)[..., :frame_length]
    missing = frame_length - frames.shape[-1]
    frames = jnp.pad(frames, [(0, 0)] * (frames.ndim - 1) + [(0, missing)])
    return overlap_and_add(frames * raised_cosine_window(frame_length, 0.5), frame_step)


def linear_to_mel_weight_matrix(
    mel_bins: int = 20,
    spectrogram_bins: int = 129,
    sample_rate: float = 8000,
    lower_edge_hertz: float = 125.0,
    upper_edge_hertz: float = 3800.0,
) -> jax.Array:
    """tf.signal.linear_to_mel_weight_matrix: (spectrogram_bins, mel_bins)."""

    def mel(hertz: jax.Array | float) -> jax.Array:
        return 1127.0 * jnp.log1p(jnp.asarray(hertz) / 700.0)

    bins = mel(jnp.linspace(0.0, sample_rate / 2.0, spectrogram_bins)[1:])[:, None]
    edges = jnp.linspace(mel(lower_edge_hertz), mel(upper_edge_hertz), mel_bins + 2)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - lower) / (centre - lower), (upper - bins) / (upper - centre)
    return jnp.pad(jnp.maximum(0.0, jnp.minimum(rising, falling)), ((1, 0), (0, 0)))


def complex_pair(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Real and imaginary parts, as the Fourier transforms of keras.ops return them."""
    return jnp.real(x), jnp.imag(x)
