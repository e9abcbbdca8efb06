#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// What can be read linearly from the residual stream, at which layer, and is it more than a probe finds anywhere?
//
//   dotnet run samples/probing.cs
//       the story model beside the checkout (../shared/models/stories260K): whether a story is about a girl or a boy, read from
//       names that no probe was fitted to; where it is absent, the bundled model: which word came before this one
//   --out FOLDER   where the figures and the best probe go (./out)
using Interp;
using Spectre.Console;
using static Interp.Sites;

var options = new Dictionary<string, string>();
for (var i = 0; i < args.Length; i += 2)
    if (i + 1 < args.Length && args[i] is "--out")
        options[args[i]] = args[i + 1];
    else
        return Fail($"Cannot read '{args[i]}': the option is --out, with a folder.");

try
{
    const string folder = "../shared/models/stories260K";
    var into = Directory.CreateDirectory(options.GetValueOrDefault("--out", "out")).FullName;
    if (!Directory.Exists(folder))
    {
        Console.WriteLine($"{folder} is optional data beside the checkout, and absent: the bundled model is read instead.\n");
        Bundled(into);
        return 0;
    }
    using var model = Models.Load(folder);
    Console.WriteLine($"{model}\n");

    string[] her = ["Lily", "Mia", "Sara", "Sue", "Lisa", "Amy", "Mary", "Lucy", "Jane", "Anna", "Emma"];
    string[] his = ["Tim", "Max", "Bob", "Leo", "Timmy", "Sam", "Jack", "John", "Ben", "Tom", "Spot"];
    string[] after = [" went to the park.", " was very happy.", " saw a big dog.", " had a red ball.", " found a new toy.", " liked to play."];
    var names = her.Concat(his).ToArray();
    var prompts = names.SelectMany(name => after.Select(rest => Prompt.Parse($"{{name:{name}}}{rest}"))).ToArray();
    string[] who = [.. names.SelectMany(name => after.Select(_ => her.Contains(name) ? "girl" : "boy"))];
    int[] whose = [.. names.SelectMany((_, i) => after.Select(_ => i))];
    Console.WriteLine($"{prompts.Length} prompts, {names.Length} names, {after.Length} continuations. All prompts of a name are on one side of every split:\na probe is scored on names it has not seen.\n");

    var plan = model.On(prompts);
    var atName = plan.Probe(ResidPost.At(Position.Role("name")), who).Pool(Pooling.Last).Group(whose).ControlTask(whose);
    var atEnd = plan.Probe(ResidPost.At(Position.Last), who).Group(whose).ControlTask(whose).Shuffles(10);
    var first = Show("At the name's last token", atName.Logistic());
    var last = Show("At the full stop, before the pronoun", atEnd.Logistic());
    Show("At the full stop, by the difference of means", atEnd.MeanDifference());

    var heads = plan.Probe(Z.At(Position.Last).ByHead(), who).Group(whose).WithoutControls().Resamples(0).Logistic(0.1);
    Console.WriteLine("Heads' outputs at the full stop, held-out AUROC:");
    heads.Scores.Print();

    // Does knowing the names by heart help? Random classes for names, split so that names recur on both sides.
    var seen = plan.Probe(ResidPost[^1].At(Position.Last), who).ControlTask(whose).Logistic()[0].Evaluation;
    Console.WriteLine($"\nSplit without regard to names, last layer: accuracy {seen.Accuracy:F2}; on random classes of names {seen.ControlTask:F2}; selectivity {seen.Selectivity:F2}.");

    var best = last.Best.Probe;
    best.Save(Path.Combine(into, "gender-probe.safetensors"));
    using var direction = best.Direction();
    Console.WriteLine($"\n{best}\nsaved; its direction is a vector of length {direction.norm().item<float>():F2}, ready for Add or ProjectOut.\n");
    Save(first.Figure("Gender of the name, at the name"), "probe-name.html");
    Save(last.Figure("Gender of the name, at the full stop"), "probe-end.html");
    Save(heads.Figure("Gender in heads' outputs at the full stop"), "probe-heads.html");
    Save(first.Fits[0].Evaluation.ReliabilityFigure("Reliability at the name, layer 0"), "probe-reliability.html");
    return 0;

    void Save(Figure figure, string file)
    {
        figure.Save(Path.Combine(into, file));
        Console.WriteLine($"  {Path.Combine(into, file)}");
    }
}
catch (Exception error) when (error is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
{
    return Fail(error.Message);
}

static ProbeResult Show(string title, ProbeResult result)
{
    var table = new Table().Title(title).AddColumns("layer", result.Measure, "95 %", "shuffled", "random", "accuracy", "ECE");
    foreach (var (i, fit) in result.Fits.Index())
    {
        var e = fit.Evaluation;
        table.AddRow(result.Scores.Axes[0].Labels[i], $"{e.Score:F3}", $"{e.Interval.Low:F2}-{e.Interval.High:F2}", $"{e.Shuffled:F3}", $"{e.RandomFeatures:F3}", $"{e.Accuracy:F3}", $"{e.CalibrationError:F3}");
    }
    AnsiConsole.Write(table);
    return result;
}

static void Bundled(string into)
{
    using var model = Models.Load("induction-2l");
    Console.WriteLine($"{model}\n");
    var random = new Random(0);
    int[][] rows = [.. Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, 12).Select(_ => random.Next(1, model.Config.DVocab)).ToArray())];
    bool[] before = [.. rows.Select(r => r[^2] > model.Config.DVocab / 2)];
    var result = Show("Which half of the vocabulary did the word before come from?", model.On(rows).Probe(ResidPost.At(Position.Last), before).Logistic());
    result.Figure("The word before, at the last token").Save(Path.Combine(into, "probe-previous.html"));
    Console.WriteLine($"  {Path.Combine(into, "probe-previous.html")}");
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
