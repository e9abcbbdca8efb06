#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// Two sparse dictionaries of a residual stream, trained in one run: what do they cost, what do they keep?
//
//   dotnet run samples/train-sae.cs
//       the story model and stories beside the checkout (../shared); where they are absent the bundled model and its task
//   --out FOLDER     where dictionaries and figures go (./out/train-sae)
//   --steps NUMBER   steps of training (300)
//   --resume         goes on from the checkpoint of a run that was interrupted
using System.Globalization;
using System.Text.Json;
using Interp;
using Spectre.Console;
using static Interp.Sites;

var (folder, steps, resume) = (Path.Combine("out", "train-sae"), 300, false);
for (var i = 0; i < args.Length; i++)
    if (args[i] == "--resume")
        resume = true;
    else if (args[i] == "--out" && i + 1 < args.Length)
        folder = args[++i];
    else if (args[i] == "--steps" && i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out steps))
        i++;
    else
        return Fail($"Cannot read '{args[i]}': options are --out FOLDER, --steps NUMBER and --resume.");

try
{
    const string Stories = "../shared/models/stories260K", Texts = "../shared/data/tinystories_1000/tinystories_1000.json";
    var stories = Directory.Exists(Stories) && File.Exists(Texts);
    if (!stories)
        Console.WriteLine($"{Stories} and {Texts} are optional data beside the checkout, and absent: the bundled model is read instead.\n");
    using var model = Models.Load(stories ? Stories : "induction-2l");
    var at = new HookName(ResidPost, stories ? 2 : 0);
    Console.WriteLine($"{model}; dictionaries at {at}\n");
    folder = Directory.CreateDirectory(folder).FullName;

    // What is learned from, as often as it takes, and what is held out.
    var texts = stories ? JsonSerializer.Deserialize<string[]>(File.ReadAllText(Texts))! : [];
    var training = stories
        ? model.TokenBatches(texts[..^50], new TokenBatchOptions { Rows = 16, Context = 128, Bos = Bos.Always, Passes = 0 })
        : Enumerable.Range(0, int.MaxValue).Select(seed => InductionOrganism.Task.Sequences(64, seed).Input);
    IEnumerable<RunInput> heldOut = stories
        ? model.TokenBatches(texts[^50..], new TokenBatchOptions { Context = 128, Bos = Bos.Always })
        : [InductionOrganism.Task.Sequences(256, seed: int.MaxValue).Input];
    var special = Enumerable.Range(0, model.Tokenizer!.VocabularySize).Where(model.Tokenizer.IsSpecial).ToArray();

    // Two kinds of equal L0 from one stream: the model runs once for both.
    DictionaryPlan Plan(LatentActivation activation) => new(
        new DictionaryConfig { DIn = model.Config.DModel, Width = 8 * model.Config.DModel, Activation = activation, Input = at },
        DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, activation) with
        {
            Steps = steps, BatchRows = 1024, LearningRate = 2e-3, WarmUp = steps / 20, Decay = steps / 4, DeadAfter = 100_000,
            // The threshold of BatchTopK is learned once the latents have settled.
            ThresholdStart = steps / 2, ThresholdDecay = 0.95,
        });
    DictionaryPlan[] plans = [Plan(LatentActivation.TopK(16)), Plan(LatentActivation.BatchTopK(16))];
    var checkpoint = Path.Combine(folder, "training.safetensors");
    if (!resume)
        File.Delete(checkpoint);
    var stream = new ActivationStreamOptions { BufferRows = 1 << 14, Without = [.. special], Checkpoint = checkpoint, CheckpointEvery = 100 };

    var history = plans.Select(_ => new List<DictionaryStep>()).ToArray();
    IReadOnlyList<SparseDictionary> dictionaries = [];
    AnsiConsole.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
    {
        var bars = plans.Select(plan => context.AddTask(plan.Config.Activation.Name, maxValue: steps)).ToArray();
        dictionaries = model.TrainDictionaries(plans, training, stream, new Each(step =>
        {
            history[step.Plan].Add(step);
            var bar = bars[step.Plan];
            bar.Value = step.Number + 1;
            bar.Description = Markup.Escape($"{plans[step.Plan].Config.Activation.Name,-9} {step}");
        }));
    });

    var table = new Table().AddColumns("", "L0", "FVU", "CE recovered", "dead", "dense", "rows/s");
    foreach (var (i, dictionary) in dictionaries.Index())
        using (dictionary)
        {
            var name = plans[i].Config.Activation.Name;
            var result = model.Evaluate(dictionary, heldOut, special);
            table.AddRow(name, $"{result.L0:f1}", $"{result.Unexplained:f3}", $"{result.Recovered:f3}", $"{result.DeadShare:p0}", $"{result.DenseShare:p0}", history[i].Count == 0 ? "" : $"{history[i][^1].RowsPerSecond:n0}");
            DictionaryFiles.Save(dictionary, Path.Combine(folder, name));
            var densities = result.Densities.Select(density => Math.Log10(Math.Max(density, 1e-6))).ToArray();
            Save(new LabelledArray([new Axis("latent", densities.Length)], densities, "log10 of the share of rows").Histogram($"How often {name}'s latents are active"), $"density-{name}.html");
        }
    AnsiConsole.Write(table);
    Console.WriteLine($"on held-out {(stories ? "stories" : "sequences")}; both are saved in SAELens's layout in {folder}");
    foreach (var (what, value) in new (string, Func<DictionaryStep, double>)[] { ("loss", s => s.Loss), ("L0", s => s.L0), ("dead share", s => s.DeadShare) })
        Save(plans.Select((plan, i) => new Series(plan.Config.Activation.Name, [.. history[i].Select(s => (double)s.Number)], [.. history[i].Select(value)])).LinePlot($"Training: {what}", "step", what), $"training-{what.Replace(' ', '-')}.html");
    return 0;

    void Save(Figure figure, string file)
    {
        figure.Save(Path.Combine(folder, file));
        Console.WriteLine($"  {Path.Combine(folder, file)}");
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

internal sealed class Each(Action<DictionaryStep> report) : IProgress<DictionaryStep>
{
    public void Report(DictionaryStep value) => report(value);
}
