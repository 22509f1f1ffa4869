from hypothesis import given
from hypothesis import strategies as st

from models.runtime import length_batches, truncate


@given(st.lists(st.integers(1, 300), max_size=200), st.integers(300, 4_000), st.integers(1, 64))
def test_every_message_is_in_exactly_one_batch_and_no_batch_is_over_its_budget(
    lengths: list[int], tokens: int, items: int
) -> None:
    batches = length_batches(lengths, tokens, items)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert 1 <= len(batch) <= items
        assert len(batch) * max(lengths[i] for i in batch) <= tokens


@given(st.lists(st.integers(), max_size=400), st.integers(8, 100))
def test_a_long_message_keeps_its_head_and_its_tail(ids: list[int], limit: int) -> None:
    kept = truncate(ids, limit)
    assert len(kept) == min(len(ids), limit)
    if ids:
        assert (kept[0], kept[-1]) == (ids[0], ids[-1])
