using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Interp.Benchmarks;

/// <summary>
/// How many tokens a second one thread encodes: English stories, text by text, with every tokenizer that is beside the checkout. The claim is GPT-2's: at
/// least 3 million. Processor time is the measure, because it is the same on a machine that does other things too.
/// </summary>
internal static class TokenizerSpeed
{
    private const int Rounds = 15;

    internal static void Run(string[] args)
    {
        var shared = args.Length > 0 ? args[0] : Path.Combine("..", "shared");
        var stories = Path.Combine(shared, "data", "tinystories_1000", "tinystories_1000.json");
        if (!File.Exists(stories))
        {
            Console.WriteLine($"skipped: no {stories}. Name the folder of the optional data as an argument.");
            return;
        }
        var texts = JsonSerializer.Deserialize<string[]>(File.ReadAllText(stories))!;
        Console.WriteLine($"{texts.Length} texts, {texts.Sum(text => (long)text.Length):N0} characters");
        Console.WriteLine($"{"tokenizer",-28} {"load ms",8} {"Mtok/s",8} {"wall",8} {"chars/token",12}");
        foreach (var name in new[] { "tokenizers/gpt2", "tokenizers/neox", "tokenizers/llama2-spm/tokenizer.model", "tokenizers/t5-small", "tokenizers/bert", "models/stories260K" })
            if (Path.Exists(Path.Combine(shared, name)))
                Measure(name, Path.Combine(shared, name), texts);
    }

    private static void Measure(string name, string path, string[] texts)
    {
        ITokenizer tokenizer = Tokenizers.Load(path);
        var load = Timing.Of(() => tokenizer = Tokenizers.Load(path));
        long tokens = 0;
        var processor = new double[Rounds];
        var wall = new double[Rounds];
        for (var round = -2; round < Rounds; round++)
        {
            tokens = 0;
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            var elapsed = Timing.Of(() =>
            {
                foreach (var text in texts)
                    tokens += tokenizer.Encode(text).Length;
            });
            if (round >= 0)
                (processor[round], wall[round]) = ((Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds, elapsed);
        }
        string Rate(double[] milliseconds) => (tokens / Timing.Median(milliseconds) / 1e3).ToString("F2", CultureInfo.InvariantCulture);
        if (name == "tokenizers/gpt2")
            Evidence.Record("token-speed", tokens / Timing.Median(processor) / 1e3 >= 3, $"{Rate(processor)} million tokens a second of processor time, {Rate(wall)} by the clock");
        Console.WriteLine($"{name,-28} {load,8:F0} {Rate(processor),8} {Rate(wall),8} {texts.Sum(text => (double)text.Length) / tokens,12:F2}");
    }
}
