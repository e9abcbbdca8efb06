#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// How far can a gradient be trusted? Attribution patching against activation patching, on one experiment.
//
//   dotnet run samples/attribution.cs
//       a story model beside the checkout (../shared/models/stories260K) and its pronouns; without it the bundled induction model
//   dotnet run samples/attribution.cs -- --model FOLDER
//       another story model with the same names
//   --out FOLDER   where the figures go (./out/attribution)
using Interp;
using Spectre.Console;
using static Interp.Sites;

var options = new Dictionary<string, string>();
for (var i = 0; i < args.Length; i += 2)
    if (i + 1 < args.Length && args[i] is "--model" or "--out")
        options[args[i]] = args[i + 1];
    else
        return Fail($"Cannot read '{args[i]}': options are --model and --out, each with a value.");

AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 120);
try
{
    var beside = Path.Combine("..", "shared", "models", "stories260K");
    var source = options.GetValueOrDefault("--model", Directory.Exists(beside) ? beside : "induction-2l");
    using var model = Models.Load(source);
    var study = source == "induction-2l" ? model.Contrast(InductionOrganism.Task.Prompts(16, seed: 5)) : Pronouns(model);
    Console.WriteLine($"{model}\n{study.Clean.Batch} pairs of {study.Clean.Length} tokens, {study.Metric}: clean {study.CleanMetric().Average():+0.00;-0.00}, corrupted {study.CorruptedMetric().Average():+0.00;-0.00}\n");
    var folder = Directory.CreateDirectory(options.GetValueOrDefault("--out", Path.Combine("out", "attribution"))).FullName;

    // One forward and one backward pass estimate all cells of all grids; patching runs the model once for each.
    var parts = new Dictionary<string, UnitGrid>
    {
        ["head outputs"] = Z.ByHead(), ["values"] = V.ByHead(), ["attention by position"] = AttnOut.ByPosition(), ["residual stream by position"] = ResidPre.ByPosition(),
    };
    if (!model.Config.AttentionOnly)
        parts["MLPs by position"] = MlpOut.ByPosition();
    var table = Agreement("attribution against patching");
    var estimates = study.Attribute(parts.Values);
    foreach (var ((name, grid), estimate) in parts.Zip(estimates))
    {
        var truth = study.Patch(grid);
        Add(table, name, truth.Effect, estimate.Effect);
        if (name == "head outputs")
        {
            truth.Effect.Scatter(estimate.Effect, "Head outputs: patching and attribution").Save(Path.Combine(folder, "heads.html"));
            estimate.Heatmap().Save(Path.Combine(folder, "heads-estimated.html"));
        }
    }
    AnsiConsole.Write(table);

    // Queries and keys act through the softmax, which saturates: AtP* recomputes it. GradDrop sees through paths that cancel.
    table = Agreement("queries and keys, by head and position");
    foreach (var site in new[] { Q, K })
    {
        var grid = site.ByHead().ByPosition();
        var (truth, plain, star) = (study.Patch(grid), study.Attribute(grid), study.AttributeWithQkFix(grid));
        var name = site == Q ? "queries" : "keys";
        Add(table, $"{name}, attribution", truth.Effect, plain.Effect);
        Add(table, $"{name}, AtP* (softmax recomputed)", truth.Effect, star.Effect);
        var drop = study.AttributeWithGradDrop(grid);
        Add(table, $"{name}, AtP* with GradDrop (magnitudes)", truth.Effect.Map(Math.Abs, drop.Score.Quantity), drop.Score);
        truth.Effect.Scatter(plain.Effect, $"{name}: plain attribution").Save(Path.Combine(folder, $"{name}-plain.html"));
        truth.Effect.Scatter(star.Effect, $"{name}: softmax recomputed").Save(Path.Combine(folder, $"{name}-fixed.html"));
    }
    AnsiConsole.Write(table);

    // Whole nodes: a straight line from one run to the other is not the path that the model takes; integrated gradients follow it.
    table = Agreement("nodes (heads, MLPs and the input)");
    var exact = study.Nodes(Method.Exact);
    foreach (var method in new[] { Method.Eap, Method.CleanCorrupted, Method.EapIg(10, Quadrature.Midpoint), Method.NodePaths(8) })
        Add(table, method.ToString(), exact.Values, study.Nodes(method).Values);
    AnsiConsole.Write(table);

    // Ben is two tokens and Lily one: runs aligned by role, for estimates and for edges.
    if (source != "induction-2l")
    {
        var ben = model.On([Prompt.Parse("{name:Lily} went to the park.")]).Contrast(model.On([Prompt.Parse("{name:Ben} went to the park.")]), study.Metric);
        table = Agreement("Lily into Ben, aligned by role");
        Add(table, "head outputs", ben.Patch(Z.ByHead()).Effect, ben.Attribute(Z.ByHead()).Effect);
        var edges = ben.Edges(Method.Exact);
        foreach (var method in new[] { Method.Eap, Method.EapIg(10, Quadrature.Midpoint) })
            Add(table, $"edges, {method}", edges.ByEdge, ben.Edges(method).ByEdge);
        AnsiConsole.Write(table);
    }
    Console.WriteLine($"Figures: {folder}");
    return 0;
}
catch (Exception error) when (error is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
{
    return Fail(error.Message);
}

// Names of six tokens' stories: equally many tokens in each pair and in all of them.
static Contrast Pronouns(HookedTransformer model)
{
    (string She, string He)[] pairs = [("Mia", "Max"), ("Sara", "Bob"), ("Sue", "Leo"), ("Lisa", "Spot"), ("Amy", "Max"), ("Mary", "Bob")];
    string Text(string name) => $"{name} went to the park.";
    return model.Contrast(pairs.Select(p => Text(p.She)), pairs.Select(p => Text(p.He)), Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He")));
}

static Table Agreement(string title)
{
    var table = new Table { Title = new TableTitle(title) }.Border(TableBorder.Simple);
    foreach (var column in new[] { "estimate", "cells", "Pearson, 95 %", "Spearman, 95 %", "top 10", "mean |error|" })
        table.AddColumn(column);
    return table;
}

static void Add(Table table, string name, LabelledArray truth, LabelledArray guess)
{
    var agreement = truth.Compare(guess.With(truth.Quantity), Math.Min(10, truth.Count));
    var error = truth.Values.ToArray().Zip(guess.Values.ToArray(), (t, g) => Math.Abs(t - g)).Average();
    table.AddRow(
        Markup.Escape(name), $"{agreement.Count}", Markup.Escape($"{agreement.Pearson:f3} {agreement.PearsonInterval}"), Markup.Escape($"{agreement.Spearman:f3} {agreement.SpearmanInterval}"),
        $"{agreement.TopKOverlap:p0}", $"{error:f4}");
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
