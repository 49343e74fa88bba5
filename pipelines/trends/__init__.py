"""Control charts and yearly trends of indicators: from `trend_points` to the marts trends, trend_tests, group_trends and group_trend_tests."""
