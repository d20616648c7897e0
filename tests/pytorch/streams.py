"""The random streams of base/random.h and the purposes of gan/streams.h, so that PyTorch can play
the very games that the trainer plays."""
import numpy as np

WEIGHTS_OF_G, WEIGHTS_OF_D, ORDER, LATENTS, LABELS, NOISE, MIXING = range(1, 8)
SAMPLES, STATISTICS = 10, 11
CORRUPTION = 16
MASK = (1 << 64) - 1


def splitmix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return state, z ^ z >> 31


def rotate(x, by):
    return (x << by | x >> 64 - by) & MASK


class Stream:
    def __init__(self, seed, stream):
        mixed = (stream * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) & MASK
        state = seed ^ splitmix(mixed)[1]
        self.s = []
        for _ in range(4):
            state, word = splitmix(state)
            self.s.append(word)

    def next(self):
        s = self.s
        result, t = (rotate((s[0] + s[3]) & MASK, 23) + s[0]) & MASK, s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)
        return result

    def uniform(self):
        return (self.next() >> 11) * 2.0**-53

    def below(self, bound):
        while True:
            product = (self.next() >> 32) * bound
            if product & 0xFFFFFFFF >= (1 << 32) % bound:
                return product >> 32

    def shuffle(self, items):
        for i in range(len(items), 1, -1):
            other = self.below(i)
            items[i - 1], items[other] = items[other], items[i - 1]

    def normals(self, *shape):
        """random_fill_normal: Box and Muller, both halves, a quarter of the circle at a time."""
        count = int(np.prod(shape))
        out = []
        for _ in range((count + 1) // 2):
            draw = self.next()
            radius = np.sqrt(-2 * np.log(((draw >> 33) + 0.5) * 2.0**-31))
            angle = ((draw & 0x3FFFFFFF) * 2.0**-30 - 0.5) * np.pi / 2
            x, y = np.cos(angle), np.sin(angle)
            if draw & 0x40000000:
                x, y = y, -x
            sign = -1 if draw & 0x80000000 else 1
            out += [sign * radius * x, sign * radius * y]
        return np.array(out[:count], np.float64).reshape(shape)
