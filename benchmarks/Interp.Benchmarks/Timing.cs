namespace Interp.Benchmarks;

using System.Diagnostics;

/// <summary>Medians of alternating repetitions.</summary>
internal static class Timing
{
    /// <summary>Times several ways to do one thing, turn by turn and each time in another order, so that a change of the machine's load meets all alike.</summary>
    /// <param name="repetitions">How often each is timed, after one warm-up.</param>
    /// <param name="ways">Each does the thing once and returns the milliseconds it took.</param>
    /// <returns>Each one's times, unsorted, in milliseconds.</returns>
    public static double[][] Alternate(int repetitions, params Func<double>[] ways)
    {
        foreach (var way in ways)
            way();
        var times = ways.Select(_ => new double[repetitions]).ToArray();
        for (var repetition = 0; repetition < repetitions; repetition++)
            for (var turn = 0; turn < ways.Length; turn++)
            {
                var which = (turn + repetition) % ways.Length;
                times[which][repetition] = ways[which]();
            }
        return times;
    }

    /// <summary>Milliseconds of an action.</summary>
    public static double Of(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>The middle value.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
