import numpy as np
import pytest

from models.calibration import Scaling, expected_calibration_error, probabilities, sigmoid, softmax


def test_softmax_rows_sum_to_one_whatever_the_temperature() -> None:
    logits = np.array([[1.0, 2.0, 3.0], [1000.0, -1000.0, 0.0]])
    for temperature in (0.3, 1.0, 4.0):
        assert softmax(logits, temperature).sum(axis=1) == pytest.approx([1.0, 1.0])


def test_a_higher_temperature_makes_the_same_choice_less_sure() -> None:
    logits = np.array([[0.0, 2.0]])
    cold, warm = softmax(logits, 1.0), softmax(logits, 3.0)
    assert cold.argmax() == warm.argmax()
    assert cold.max() > warm.max()


def test_a_shift_moves_every_label_of_a_multi_label_head() -> None:
    assert sigmoid(np.array([[0.0]]), Scaling(1.0, -2.0))[0, 0] == pytest.approx(1 / (1 + np.exp(2.0)))


def test_multi_label_heads_do_not_compete() -> None:
    out = probabilities({"forms": np.array([[5.0, 5.0]]), "topic": np.array([[5.0, 5.0]])}, {}, frozenset({"forms"}))
    assert out["forms"].min() > 0.99
    assert out["topic"].max() == pytest.approx(0.5)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    sure_and_half_right = expected_calibration_error(np.full(100, 0.9), np.arange(100) % 2 == 0)
    assert sure_and_half_right == pytest.approx(0.4)
    assert expected_calibration_error(np.full(10, 1.0), np.ones(10, dtype=bool)) == pytest.approx(0.0)
