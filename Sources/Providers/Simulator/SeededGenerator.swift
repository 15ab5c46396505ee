/// A small generator of reproducible numbers: SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
/// Generators", 2014). Not for secrets.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seeds: UInt64...) {
        state = 0
        for seed in seeds {
            state ^= seed
            state = next()
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Draws whether an event of the given probability happens.
    mutating func draw(probability: Double) -> Bool {
        Double(next() >> 11) / 9_007_199_254_740_992 < probability
    }
}
