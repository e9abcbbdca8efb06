namespace Interp.Benchmarks;

using System.Diagnostics;

/// <summary>Trains the bundled induction model and writes its weights.</summary>
/// <remarks>The same machine, BLAS kernel and number of threads give the same bytes; others give the same accuracy.</remarks>
internal static class TrainInduction
{
    public static void Run(string[] arguments)
    {
        var folder = arguments.Length > 0 ? arguments[0] : Path.Combine("out", "induction-2l");
        Directory.CreateDirectory(folder);
        using var trained = InductionOrganism.Train(seed: 0, new Printer());
        var score = trained.Score(InductionOrganism.Task.Sequences(512, seed: 1_000_000));
        Console.WriteLine($"held out: loss {score.LossBefore:f3} before repetition, {score.LossRepeated:f5} after; {score.Accuracy:p2} right");
        var path = Path.Combine(folder, "model.safetensors");
        trained.Save(path);
        File.WriteAllLines(Path.Combine(folder, "tokens.txt"), InductionTask.Vocabulary);
        Console.WriteLine($"wrote {path}, {new FileInfo(path).Length / 1024} KB");
    }

    private sealed class Printer : IProgress<TrainingStep>
    {
        private readonly long start = Stopwatch.GetTimestamp();

        public void Report(TrainingStep step)
        {
            if (step.Step % 100 == 0)
                Console.WriteLine($"step {step.Step,5}  loss {step.Loss:f4}  rate {step.LearningRate:g3}  gradient {step.GradientNorm:f3}  {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
        }
    }
}
