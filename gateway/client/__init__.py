from gateway.client.answers import (
    Answer,
    Arrived,
    Exchange,
    ExchangeAnswer,
    Found,
    Preview,
    Problem,
    Push,
    To,
)
from gateway.client.gateway import Gateway

__all__ = [
    "Answer",
    "Arrived",
    "Exchange",
    "ExchangeAnswer",
    "Found",
    "Gateway",
    "Preview",
    "Problem",
    "Push",
    "To",
]
