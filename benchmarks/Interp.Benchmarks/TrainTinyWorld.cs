namespace Interp.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using Interp.Native;
using static TorchSharp.torch;

/// <summary>Trains the model tinyworld and writes its weights, its tokenizer and the table of what it has learned.</summary>
/// <remarks>The same machine, BLAS kernel and number of threads give the same bytes; others give other bytes.</remarks>
internal static class TrainTinyWorld
{
    public static void Run(string[] arguments)
    {
        var folder = arguments.Length > 0 ? arguments[0] : Path.Combine("out", "tinyworld");
        var steps = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : TinyWorld.Options.Steps;
        Directory.CreateDirectory(folder);
        var json = TinyWorld.LearnTokenizer(seed: 0);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json);
        var start = Stopwatch.GetTimestamp();
        using var trained = TinyWorld.Train(seed: 0, Tokenizers.Parse(json), TinyWorld.Options with { Steps = steps }, new Printer(start));
        var minutes = Stopwatch.GetElapsedTime(start).TotalMinutes;
        using var half = trained.To(ScalarType.Float16);
        var path = Path.Combine(folder, "model.safetensors");
        half.Save(path);
        Console.WriteLine($"wrote {path}, {new FileInfo(path).Length / 1024} KB");

        // Measured on the weights as they are stored.
        using var stored = half.To(ScalarType.Float32);
        var table = TinyWorld.Accuracy(stored);
        table.Print();
        var machine = string.Create(CultureInfo.InvariantCulture, $"trained in {minutes:f1} minutes, {steps} steps; {TorchRuntime.Blas}, {TorchRuntime.Threads} threads of {Environment.ProcessorCount} processors");
        Console.WriteLine(machine);
        table.SaveCsv(Path.Combine(folder, "accuracy.csv"));
    }

    private sealed class Printer(long start) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep step)
        {
            if (step.Step % 100 == 0)
                Console.WriteLine($"step {step.Step,5}  loss {step.Loss:f4}  rate {step.LearningRate:g3}  gradient {step.GradientNorm:f3}  {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
        }
    }
}
