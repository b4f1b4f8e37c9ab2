"""Charts with logarithmic axes, as SVG."""
import math

WIDTH, HEIGHT, LEFT, TOP = 320, 240, 48, 28
COLOURS = ("#0b61a4", "#d1495b", "#3a7d44", "#b8860b")


def charts(curves):
    """One chart for each name. curves: name → line's name → [(count, seconds)]."""
    across = 2
    rows = -(-len(curves) // across)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{across * WIDTH}" height="{rows * HEIGHT}" font-family="sans-serif" font-size="10">']
    for i, (name, lines) in enumerate(curves.items()):
        parts += [f'<g transform="translate({i % across * WIDTH},{i // across * HEIGHT})">', *chart(name, lines), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def chart(name, lines):
    """A frame, its powers of ten, and a line for each command."""
    points = [p for line in lines.values() for p in line]
    low, high = (f(math.log10(c) for c, _ in points) for f in (min, max))
    bottom, top = math.floor(min(math.log10(s) for _, s in points)), math.ceil(max(math.log10(s) for _, s in points))
    wide, tall = WIDTH - LEFT - 16, HEIGHT - TOP - 32

    def at(count, seconds):
        return LEFT + wide * (math.log10(count) - low) / (high - low), TOP + tall * (top - math.log10(seconds)) / (top - bottom)

    yield f'<text x="{LEFT}" y="14" font-size="12">processor time (s) by number of {name}</text>'
    yield f'<rect x="{LEFT}" y="{TOP}" width="{wide}" height="{tall}" fill="none" stroke="#888"/>'
    for power in range(round(low), round(high) + 1):
        x, _ = at(10 ** power, 10 ** bottom)
        yield f'<text x="{x:.0f}" y="{TOP + tall + 12}" text-anchor="middle">{10 ** power:,}</text>'
    for power in range(bottom, top + 1):
        _, y = at(10 ** low, 10 ** power)
        yield f'<line x1="{LEFT}" x2="{LEFT + wide}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/><text x="{LEFT - 4}" y="{y + 3:.0f}" text-anchor="end">{10.0 ** power:g}</text>'
    for i, (command, line) in enumerate(lines.items()):
        colour = COLOURS[i % len(COLOURS)]
        yield f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*p) for p in line))}"/>'
        yield f'<text x="{LEFT + 6}" y="{TOP + 12 + 12 * i}" fill="{colour}">{command}</text>'
