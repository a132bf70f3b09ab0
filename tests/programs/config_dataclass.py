"""Configuration in a dataclass, type hints, static methods, a module-level factory table."""

from __future__ import annotations

import dataclasses
from typing import Callable, Dict, List, Optional

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Config:
    widths: tuple = (16, 8)
    activation: str = "relu"
    residual: bool = True
    num_classes: Optional[int] = 3


class Tower(tf.keras.Model):
    def __init__(self, cfg: Config, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.cfg = cfg
        self.blocks: List[tf.keras.layers.Layer] = [self._block(w, cfg) for w in cfg.widths]
        self.head = tf.keras.layers.Dense(cfg.num_classes) if cfg.num_classes else None

    @staticmethod
    def _block(width: int, cfg: Config) -> tf.keras.layers.Layer:
        return tf.keras.layers.Dense(width, activation=cfg.activation)

    def forward_features(self, x: tf.Tensor) -> tf.Tensor:
        for block in self.blocks:
            y = block(x)
            x = x + y if self.cfg.residual and x.shape[-1] == y.shape[-1] else y
        return x

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        x = self.forward_features(x)
        return self.head(x) if self.head is not None else x


MODELS: Dict[str, Callable[[], Config]] = {
    "small": lambda: Config(),
    "flat": lambda: dataclasses.replace(Config(), widths=(16, 16), num_classes=None),
}


def create_model(name: str = "small") -> Tower:
    return Tower(MODELS[name]())
