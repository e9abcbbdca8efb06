namespace Interp.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using Interp.Native;
using static TorchSharp.torch;

/// <summary>Trains a bundled model and writes what the assembly embeds: weights, tokens, and for tinyworld the table of what it has learned.</summary>
/// <remarks>tinyworld's bytes are the same whatever the BLAS kernel, vector width and number of threads; the others' hang on them, and <c>eng/train-organism.sh</c> holds these.</remarks>
internal static class TrainOrganism
{
    public static void Run(string[] arguments)
    {
        if (arguments is not [var name, ..])
            throw new ArgumentException("Name the model to train: induction-2l, modadd-59 or tinyworld; then the folder to write to, and steps.");
        var folder = arguments.Length > 1 ? arguments[1] : Path.Combine("artifacts", name);
        int? steps = arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : null;
        Directory.CreateDirectory(folder);
        var start = Stopwatch.GetTimestamp();
        var progress = new Printer(start);
        using var trained = name switch
        {
            "induction-2l" => InductionOrganism.Train(0, progress),
            "modadd-59" => ModularAdditionOrganism.Train(0, WithSteps(ModularAdditionOrganism.Options, steps), progress),
            "tinyworld" => TinyWorld.Train(0, Tokenizer(folder), WithSteps(TinyWorld.Options, steps), progress),
            _ => throw new ArgumentException($"'{name}' is no bundled model: induction-2l, modadd-59, tinyworld."),
        };
        var minutes = Stopwatch.GetElapsedTime(start).TotalMinutes;
        var path = Path.Combine(folder, "model.safetensors");
        using var stored = Stored(trained, name == "induction-2l" ? ScalarType.Float32 : ScalarType.Float16, path);
        Console.WriteLine($"wrote {path}, {new FileInfo(path).Length / 1024} KB");
        var equal = IsBundled(name, path);
        Console.WriteLine(equal ? "the bytes in the assembly" : "other bytes than those in the assembly");
        Report(name, stored, folder, whole: steps is null, equal);
        var time = string.Create(CultureInfo.InvariantCulture, $"{minutes:f1} minutes; {TorchRuntime.Blas}, {TorchRuntime.Threads} threads of {Environment.ProcessorCount} processors");
        Console.WriteLine($"trained in {time}");
        if (name == "tinyworld" && steps is null && TorchRuntime.Threads > 1) // the row speaks of two cores
            Evidence.Record("tinyworld-time", minutes < 30 && new FileInfo(path).Length < 3_000_000, $"{time}; weights {new FileInfo(path).Length / 1000.0:f0} kB");
    }

    private static TrainingOptions WithSteps(TrainingOptions options, int? steps) => options with { Steps = steps ?? options.Steps };

    private static ITokenizer Tokenizer(string folder)
    {
        var json = TinyWorld.LearnTokenizer(seed: 0);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json);
        return Tokenizers.Parse(json);
    }

    // The weights as they are stored, in float32: what is reported is measured on these.
    private static HookedTransformer Stored(HookedTransformer trained, ScalarType type, string path)
    {
        using var stored = trained.To(type);
        stored.Save(path);
        return stored.To(ScalarType.Float32);
    }

    private static void Report(string name, HookedTransformer model, string folder, bool whole, bool equal)
    {
        switch (name)
        {
            case "induction-2l":
                File.WriteAllLines(Path.Combine(folder, "tokens.txt"), InductionTask.Vocabulary);
                var score = model.Score(InductionOrganism.Task.Sequences(512, seed: 1_000_000));
                Console.WriteLine($"held out: loss {score.LossBefore:f3} before repetition, {score.LossRepeated:f5} after; {score.Accuracy:p2} right");
                break;
            case "modadd-59":
                File.WriteAllLines(Path.Combine(folder, "tokens.txt"), ModularAdditionOrganism.Task.Vocabulary);
                var (all, heldOut) = ModularAdditionOrganism.Accuracy(model);
                Console.WriteLine($"right on {all:p2} of all pairs, {heldOut:p2} of those kept out");
                break;
            default:
                var table = TinyWorld.Accuracy(model);
                table.Print();
                table.SaveCsv(Path.Combine(folder, "accuracy.csv"));
                if (whole)
                    Compare(table, equal);
                break;
        }
    }

    // A training of full length, against the weights in the assembly.
    private static void Compare(LabelledArray table, bool equal)
    {
        using var bundled = Models.Load("tinyworld");
        var stated = TinyWorld.Accuracy(bundled);
        var (behaviours, columns) = (table.Axes[0], table.Axes[1]);
        var differences =
            from i in Enumerable.Range(0, table.Shape[0])
            from j in Enumerable.Range(0, 3)
            where !double.IsNaN(table[i, j])
            orderby Math.Abs(table[i, j] - stated[i, j]) descending
            select (Points: 100 * Math.Abs(table[i, j] - stated[i, j]), Cell: $"{behaviours.Labels[i]}, {columns.Labels[j]}");
        var all = differences.ToList();
        var beyond = all.Where(d => d.Points > 0.5).ToList();
        var vectors = Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY") ?? "widest";
        var figure = string.Create(CultureInfo.InvariantCulture,
            $"{TorchRuntime.Blas}, {vectors} vectors, {TorchRuntime.Threads} thread{(TorchRuntime.Threads == 1 ? "" : "s")}: {(equal ? "the bundled bytes" : "other bytes than the bundled ones")}; {all.Count - beyond.Count} of {all.Count} accuracies within 0.5 points; beyond: {(beyond.Count == 0 ? "none" : string.Join("; ", beyond.Select(d => $"{d.Cell} {d.Points:f1}")))}");
        Console.WriteLine(figure);
        Evidence.Record("tinyworld-machines", beyond.Count == 0, figure);
    }

    private static bool IsBundled(string name, string path)
    {
        using var bundled = typeof(Models).Assembly.GetManifestResourceStream($"Interp.Organisms/{name}/model.safetensors")!;
        var stated = new byte[bundled.Length];
        bundled.ReadExactly(stated);
        return stated.AsSpan().SequenceEqual(File.ReadAllBytes(path));
    }

    private sealed class Printer(long start) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep step)
        {
            if (step.Step % 100 == 0)
                Console.WriteLine($"step {step.Step,5}  loss {step.Loss:g4}  rate {step.LearningRate:g3}  gradient {step.GradientNorm:f3}  {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
        }
    }
}
