#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// Which feature of a sparse dictionary says whether a name is a girl's or a boy's, and does the pronoun depend on it?
//
//   dotnet run samples/feature-dashboard.cs
//       trains a small dictionary on a story model's residual stream (under a minute), finds the feature, takes it out, puts it in,
//       and draws its dashboard; where model and stories are absent it says so and ends
//   --model FOLDER      a Hugging Face folder of a story model (../shared/models/stories260K)
//   --texts FILE        a JSON list of texts (../shared/data/tinystories_1000/tinystories_1000.json)
//   --steps NUMBER      steps of training (600)
//   --dictionary FOLDER a trained dictionary in place of a new one; a new one is saved in the folder of the figures
//   --out FOLDER        where the figures go (./out/features)
using System.Globalization;
using System.Text.Json;
using Interp;
using Spectre.Console;
using TorchSharp;
using static Interp.Sites;

var options = new Dictionary<string, string>();
for (var i = 0; i < args.Length; i += 2)
    if (i + 1 < args.Length && args[i] is "--model" or "--texts" or "--dictionary" or "--steps" or "--out")
        options[args[i]] = args[i + 1];
    else
        return Fail($"Cannot read '{args[i]}': options are --model, --texts, --dictionary, --steps and --out, each with a value.");
if (!int.TryParse(options.GetValueOrDefault("--steps", "600"), CultureInfo.InvariantCulture, out var steps) || steps < 1)
    return Fail($"--steps is '{options["--steps"]}', wanted a number of at least 1.");

var modelFolder = options.GetValueOrDefault("--model", Path.Combine("..", "shared", "models", "stories260K"));
var textFile = options.GetValueOrDefault("--texts", Path.Combine("..", "shared", "data", "tinystories_1000", "tinystories_1000.json"));
if (!Directory.Exists(modelFolder) || !File.Exists(textFile))
{
    Console.WriteLine($"This sample reads a story model ('{modelFolder}') and stories ('{textFile}'): optional data beside the checkout, and absent. Name others with --model and --texts.");
    return options.ContainsKey("--model") || options.ContainsKey("--texts") ? 2 : 0;
}

try
{
    using var model = Models.Load(modelFolder);
    var at = new HookName(ResidPost, 2);
    var texts = JsonSerializer.Deserialize<string[]>(File.ReadAllText(textFile))!;
    int[][] tokens = [.. texts.Select(text => model.Tokens(text, Bos.Always).Take(128).ToArray())];
    int[] bos = [tokens[0][0]];
    var folder = Directory.CreateDirectory(options.GetValueOrDefault("--out", Path.Combine("out", "features"))).FullName;
    Console.WriteLine($"{model}\n");

    using var dictionary = options.TryGetValue("--dictionary", out var trained) ? DictionaryFiles.Load(trained) : Train();
    var held = model.Evaluate(dictionary, Batches(tokens.AsSpan()[^50..]), bos);
    Console.WriteLine($"{held}\n");

    // Prompts that differ in the name alone.
    string[] sentences = ["{0} went to the park.", "{0} had a red ball.", "{0} was very happy.", "One day, {0} found a big tree.", "{0} liked to play outside."];
    RunInput With(string name) => RunInput.Of(sentences.Select(sentence => model.Tokens(string.Format(null, sentence, name))));
    var metric = Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He"));
    var study = new Contrast(model, With("Lily"), With("Tim"), metric);
    var (girl, boy) = (study.CleanMetric().Average(), study.CorruptedMetric().Average());
    Console.WriteLine($"{sentences.Length} sentences of Lily and of Tim; logit difference She - He behind them: {girl:+0.00;-0.00} and {boy:+0.00;-0.00}\n");

    // Which features carry the difference? One forward and one backward pass for all of them, with what the dictionary lacks as one more node.
    var attribution = study.AttributeFeatures(dictionary);
    Console.WriteLine($"Attribution: {attribution}");
    var candidates = attribution.Top(6).Select(top => top.Feature).ToArray();

    // Does the answer depend on them? Take each out of both runs.
    using var spliced = model.With(dictionary, errorTerm: true);
    double Without(RunInput prompts, Indices features) => spliced.On(prompts).Zero(dictionary.Feature(features)).Measure(metric).mean().ToDouble();
    var table = new Table().Border(TableBorder.Simple).AddColumn("taken out").AddColumn(new TableColumn("attributed").RightAligned())
        .AddColumn(new TableColumn("Lily: She - He").RightAligned()).AddColumn(new TableColumn("Tim: She - He").RightAligned());
    table.AddRow("nothing", "", $"{girl:+0.00;-0.00}", $"{boy:+0.00;-0.00}");
    foreach (var feature in candidates)
        table.AddRow($"feature {feature}", $"{attribution.Features.Effect[0, feature]:+0.00;-0.00}",
            $"{Without(study.Clean, feature):+0.00;-0.00}", $"{Without(study.Corrupted, feature):+0.00;-0.00}");
    table.AddRow("all six", "", $"{Without(study.Clean, candidates):+0.00;-0.00}", $"{Without(study.Corrupted, candidates):+0.00;-0.00}");
    AnsiConsole.Write(table);

    // The feature that moves the answer most, held at its strongest in a story of the other name.
    double Moved(int feature) => Math.Max(Math.Abs(Without(study.Clean, feature) - girl), Math.Abs(Without(study.Corrupted, feature) - boy));
    var found = candidates.MaxBy(Moved);

    // Show what it is: where it is active, what it raises.
    var boards = model.FeatureDashboards(dictionary, Batches(tokens), new DashboardOptions { Without = [.. bos], Features = [.. candidates] });
    boards.Save(folder);
    attribution.Figure(10, "Which features say She rather than He").Save(Path.Combine(folder, "attribution.html"));
    foreach (var page in boards.Features)
        Console.WriteLine($"{page}; strongest at {string.Join(" ", page.Groups[0].Examples.Select(e => $"'{e.Tokens[e.Focus]}'").Distinct().Take(6))}");
    var girls = Math.Abs(Without(study.Clean, found) - girl) > Math.Abs(Without(study.Corrupted, found) - boy); // whose feature it is
    var other = string.Format(null, sentences[0], girls ? "Tim" : "Lily");
    Console.WriteLine($"\n{other}{model.On(other).Generate(24)}");
    Console.WriteLine($"with feature {found} at {2 * boards[found].MaxActivation:F1}: {other}{model.On(other).ClampFeature(dictionary, found, 2 * boards[found].MaxActivation, 1..).Generate(24)}");
    Console.WriteLine($"\nDashboards: {Path.Combine(folder, "index.html")}");
    return 0;

    SparseDictionary Train()
    {
        var config = new DictionaryConfig { DIn = model.Config.DModel, Width = 512, Activation = LatentActivation.TopK(12), Input = at };
        var training = DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, config.Activation) with
        {
            Steps = steps, BatchRows = 1024, LearningRate = 2e-3, WarmUp = steps / 12, Decay = steps / 4, DeadAfter = 100_000,
        };
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var epochs = Enumerable.Repeat(0, 20).SelectMany(_ => Batches(tokens.AsSpan()[..^50]));
        var made = AnsiConsole.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var bar = context.AddTask("dictionary", maxValue: steps);
            return model.TrainDictionary(config, epochs, training, new ActivationStreamOptions { Without = [.. bos] }, new Each(step =>
            {
                bar.Value = step.Number + 1;
                bar.Description = Markup.Escape($"{step}");
            }));
        });
        made.Save(Path.Combine(folder, "dictionary"));
        Console.WriteLine($"{training.Steps} steps in {watch.Elapsed.TotalSeconds:F0} s");
        return made;
    }

    static IEnumerable<RunInput> Batches(ReadOnlySpan<int[]> rows) => rows.ToArray().Chunk(20).Select(chunk => RunInput.Of(chunk));
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
