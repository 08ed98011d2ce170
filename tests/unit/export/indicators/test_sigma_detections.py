from codered.export.indicators.sigma_detections import search_field


def test_values_of_one_shape_get_a_modifier() -> None:
    assert search_field("F", ["*a", "*b", "*a"]) == {"F|endswith": ["a", "b"]}
    assert search_field("F", ["a*"]) == {"F|startswith": ["a"]}
    assert search_field("F", ["*a*"]) == {"F|contains": ["a"]}
    assert search_field("F", ["a"]) == {"F": ["a"]}
    assert search_field("F", ["*a", "b"]) == {"F": ["*a", "b"]}
    assert search_field("F", ["*a*b"]) == {"F": ["*a*b"]}
    assert search_field("F", ["a\\\\*"]) == {"F": ["a\\\\*"]}
