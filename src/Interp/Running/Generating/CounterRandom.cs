namespace Interp;

/// <summary>Random numbers that depend on where they are used, not on how many were drawn before: SplitMix64's mixer over the coordinates (Steele, Lea and Flood 2014).</summary>
internal static class CounterRandom
{
    /// <summary>A number in [0, 1), a multiple of 2^-53.</summary>
    public static double Unit(long seed, int prompt, int sample, int step) =>
        (Mixed(Mixed(Mixed(Mixed((ulong)seed) ^ (uint)prompt) ^ (uint)sample) ^ (uint)step) >> 11) * (1.0 / (1L << 53));

    private static ulong Mixed(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
