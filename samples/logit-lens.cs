#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// What would each layer say next? The logit lens reads the residual stream of each layer through the model's own ending;
// the tuned lens first learns, for each layer, an affine map to what the last layer would hold.
//
//   dotnet run samples/logit-lens.cs
//       the story model beside the checkout (../shared/models/stories260K, ../shared/data/tinystories_1000); where it is absent
//       the bundled model, which has learned to continue repeated words
//   --steps N      training steps of the tuned lens (80)
//   --out FOLDER   where the figures and the trained lens go (./out)
using System.Text.Json;
using Interp;
using Spectre.Console;
using static Interp.Sites;

var options = new Dictionary<string, string>();
for (var i = 0; i < args.Length; i += 2)
    if (i + 1 < args.Length && args[i] is "--steps" or "--out")
        options[args[i]] = args[i + 1];
    else
        return Fail($"Cannot read '{args[i]}': options are --steps and --out, each with a value.");
if (!int.TryParse(options.GetValueOrDefault("--steps", "80"), out var steps) || steps < 1)
    return Fail($"--steps is '{options["--steps"]}', wanted a number of at least 1.");

try
{
    var (folder, texts) = ("../shared/models/stories260K", "../shared/data/tinystories_1000/tinystories_1000.json");
    var stories = Directory.Exists(folder) && File.Exists(texts);
    if (!stories)
        Console.WriteLine($"{folder} and {texts} are optional data beside the checkout, and absent: the bundled model is read instead.\n");
    using var model = Models.Load(stories ? folder : "induction-2l");
    Console.WriteLine($"{model}\n");

    var (prompt, right, wrong) = stories ? ("Lily went to the park.", " She", " He") : ("owl fox sun oak map ink jar bee owl fox", "sun", "jar");
    using var run = model.On(prompt).CaptureAll().Run();
    using var logit = run.LogitLens();
    Console.WriteLine("Logit lens: what the residual stream of each layer would say next");
    logit.Print();

    // The same lens on what each part wrote alone, at the last token.
    using var parts = run.LogitLens([Embed, AttnOut, .. model.Config.AttentionOnly ? Array.Empty<Unit>() : [MlpOut]], Position.Last);
    Difference($"What each sublayer alone says of \"{right.Trim()}\" over \"{wrong.Trim()}\" at the last token", parts.LogitDifference(model.SingleToken(right), model.SingleToken(wrong)));

    // Train: every batch is read once, the last ones are kept for the comparison.
    var all = stories ? JsonSerializer.Deserialize<string[]>(File.ReadAllText(texts))! : [];
    RunInput Batch(int i) => stories
        ? RunInput.Of(all.Skip(i % 100 * 8).Take(8).Select(s => (int[])[.. model.Tokens(s).Take(96)]))
        : Tasks.Induction(48).Sequences(16, i).Input;
    double first = 0, last = 0;
    using var tuned = AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
    {
        var bar = context.AddTask("tuned lens", maxValue: steps);
        return model.TrainTunedLens(Batch, new TunedLensOptions { Steps = steps }, new Watch(s =>
        {
            (first, last) = (s.Step == 0 ? s.Loss : first, s.Loss);
            bar.Value = s.Step + 1;
        }));
    });
    Console.WriteLine($"\nTuned lens, {steps} steps of {Batch(0).Batch} texts: mean KL over layers {first:F2} at the first step, {last:F2} at the last\n");

    // Compare on texts that were not trained on.
    int[] held = stories ? [.. Enumerable.Range(110, 12)] : [.. Enumerable.Range(100_000, 8)];
    var evaluation = tuned.Evaluate(model, held.Select(i => stories ? RunInput.Of(all.Skip(i * 8).Take(8).Select(s => (int[])[.. model.Tokens(s).Take(96)])) : Batch(i)));
    Console.WriteLine($"Nats on {evaluation.Tokens:N0} held-out tokens; of each pair the logit lens, then the tuned one");
    var table = new Table().AddColumns("stream", "KL", "tuned", "loss", "tuned", "bias", "tuned");
    foreach (var (layer, name) in evaluation.Kl.AxisOf("layer").Labels.Index())
        table.AddRow([name, .. new[] { evaluation.Kl, evaluation.CrossEntropy, evaluation.Bias }.SelectMany(t => new[] { $"{t[0, layer]:F3}", $"{t[1, layer]:F3}" })]);
    AnsiConsole.Write(table);

    using var translated = run.TunedLens(tuned);
    Console.WriteLine("\nTuned lens: what each layer's stream amounts to");
    translated.Print();

    var into = Directory.CreateDirectory(options.GetValueOrDefault("--out", "out")).FullName;
    Save(logit.Figure(title: "Logit lens"), "logit-lens.html");
    Save(translated.Figure(title: "Tuned lens"), "tuned-lens.html");
    Save(logit.KlBetweenLayers().Heatmap("Logit lens: KL between layers (nats)"), "lens-kl.html");
    Save(evaluation.Kl.LinePlot("How far each layer is from the model's answer", x: "layer"), "lens-kl-by-layer.html");
    tuned.Save(Path.Combine(into, "tuned-lens"));
    Console.WriteLine($"  {Path.Combine(into, "tuned-lens")} (the lens, in the published layout)");
    return 0;

    void Save(Figure figure, string file)
    {
        figure.Save(Path.Combine(into, file));
        Console.WriteLine($"  {Path.Combine(into, file)}");
    }

    static void Difference(string title, LabelledArray difference)
    {
        Console.WriteLine($"\n{title}:");
        foreach (var part in difference.Top(6))
            Console.WriteLine($"  {part.Labels[0],-12} {part.Value,7:F2}");
    }
}
catch (Exception error) when (error is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
{
    return Fail(error.Message);
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}

internal sealed class Watch(Action<TrainingStep> report) : IProgress<TrainingStep>
{
    public void Report(TrainingStep value) => report(value);
}
