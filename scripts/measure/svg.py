# SPDX-License-Identifier: BSD-2-Clause
"""A chart of lines, as SVG."""

import math
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 190, 40, 50


@dataclass(frozen=True)
class Line:
    name: str
    colour: str
    dashes: str
    points: list  # of (x, y)


@dataclass(frozen=True)
class Axis:
    name: str
    logarithmic: bool

    def ticks(self, low, high):
        """Values with a mark, the first and the last of them at the ends of the axis."""
        if self.logarithmic:
            return [10.0 ** power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high) + 1e-9) + 1)]
        step = 10 ** math.floor(math.log10(max(high - low, 1e-9)))
        while (high - low) / step < 4:
            step /= 2
        return [step * at for at in range(math.floor(low / step), math.ceil(high / step) + 1)]

    def place(self, value, ticks):
        """0 to 1 along the axis."""
        first, last, value = ((math.log10(number) if self.logarithmic else number)
                              for number in (ticks[0], ticks[-1], value))
        return (value - first) / (last - first)


def chart(title, across, up, lines):
    xs, ys = ([point[at] for line in lines for point in line.points] for at in (0, 1))
    x_ticks, y_ticks = across.ticks(min(xs), max(xs)), up.ticks(min(ys), max(ys))

    def x(value):
        return _LEFT + across.place(value, x_ticks) * (_WIDTH - _LEFT - _RIGHT)

    def y(value):
        return _HEIGHT - _BOTTOM - up.place(value, y_ticks) * (_HEIGHT - _TOP - _BOTTOM)

    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
             f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>', _text(_LEFT, 24, title, "start", "bold")]
    for value in x_ticks:
        parts += [f'<path d="M{x(value):.1f} {_TOP}V{bottom}" stroke="#ddd"/>',
                  _text(x(value), bottom + 18, f"{value:g}", "middle")]
    for value in y_ticks:
        parts += [f'<path d="M{_LEFT} {y(value):.1f}H{right}" stroke="#ddd"/>',
                  _text(_LEFT - 8, y(value) + 4, f"{value:g}", "end")]
    parts += [_text((_LEFT + right) / 2, _HEIGHT - 12, across.name, "middle"),
              f'<g transform="translate(18 {(_TOP + bottom) / 2}) rotate(-90)">{_text(0, 0, up.name, "middle")}</g>']
    for number, line in enumerate(lines):
        style = f'fill="none" stroke="{line.colour}" stroke-width="2" stroke-dasharray="{line.dashes}"'
        path = "L".join(f"{x(at):.1f} {y(value):.1f}" for at, value in line.points)
        level = _TOP + 10 + 20 * number
        parts += [f'<path d="M{path}" {style}/>', f'<path d="M{right + 12} {level}h26" {style}/>',
                  _text(right + 44, level + 4, line.name, "start")]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x, y, text, anchor, weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'
