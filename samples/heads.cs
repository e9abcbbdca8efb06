#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// What do the attention heads do? Where they look, what their weights copy, and what they write for which token.
//
//   dotnet run samples/heads.cs
//       the story model beside the checkout (../shared/models/stories260K); where it is absent the bundled model, which has
//       learned to continue repeated words
//   --out FOLDER   where the figures go (./out)
using Interp;
using Spectre.Console;
using TorchSharp;
using static Interp.Sites;

var options = new Dictionary<string, string>();
for (var i = 0; i < args.Length; i += 2)
    if (i + 1 < args.Length && args[i] is "--out")
        options[args[i]] = args[i + 1];
    else
        return Fail($"Cannot read '{args[i]}': the option is --out, with a folder.");

try
{
    const string Stories = "../shared/models/stories260K";
    var stories = Directory.Exists(Stories);
    if (!stories)
        Console.WriteLine($"{Stories} is optional data beside the checkout, and absent: the bundled model is read instead.\n");
    using var model = Models.Load(stories ? Stories : "induction-2l");
    Console.WriteLine($"{model}\n");
    var (prompt, right, wrong) = stories ? ("Lily went to the park.", " She", " He") : ("owl fox sun oak map ink jar bee owl fox", "sun", "jar");
    var text = stories
        ? "Once upon a time, there was a little girl named Lily. She loved to play with her red ball. One day, Lily went to the park."
        : prompt;

    // Where do they look? Detectors and numbers of the pattern, on a text; induction on repeated random tokens.
    using var reading = model.On(text).Capture(Pattern, ResidPost).WithoutLogits().Run();
    var cache = reading.Cache;
    var induction = model.InductionScores(period: 20, prompts: 4);
    LabelledArray[] numbers =
    [
        cache.DetectHeads(HeadPattern.PreviousToken), cache.DetectHeads(HeadPattern.DuplicateToken, excludeSelf: true), induction, cache.SinkShare(),
        cache.AttentionEntropy(), cache.AttentionConcentration(), cache.AttentionDistance(), model.CopyingScores(full: true),
    ];
    var table = new Table().AddColumns("head", "prev", "dup", "induct", "first", "entr", "a^2", "dist", "copy");
    for (var layer = 0; layer < model.Config.Layers; layer++)
        for (var head = 0; head < model.Config.Heads; head++)
            table.AddRow([$"L{layer}H{head}", .. numbers.Select(n => $"{n[layer, head]:F2}")]);
    Console.WriteLine(
        "Attention to the previous token, to earlier copies, behind earlier copies (on repeated random tokens), to the first token; entropy in nats; sum of squares;\n"
        + "mean distance in tokens; and the copying score of the weights");
    AnsiConsole.Write(table);

    // A pattern of one's own: attention to tokens that hold a capital letter, names above all.
    if (stories)
        Strongest("Attention to earlier tokens with a capital letter, where the first token does not count", cache.DetectHeads(
            (tokens, query, key) => key < query && model.TokenText(tokens[key]).Any(char.IsUpper), "attention to capitals", excludeFirst: true));
    var (rank, alike) = (cache.EffectiveRank(ResidPost), cache.TokenSimilarity(ResidPost));
    Console.WriteLine($"Residual stream by layer: effective rank {Row(rank)}; mean cosine between tokens {Row(alike)}\n");

    // What do they write? The difference of two answers by head, then the strongest head's share by the token it reads.
    using var run = model.On(prompt).CaptureAll().Run();
    var (yes, no) = (model.SingleToken(right), model.SingleToken(wrong));
    var attribution = run.AttributeLogit(yes, no, LogitParts.Heads, Position.Last);
    Console.WriteLine($"{attribution}: \"{right.Trim()}\" - \"{wrong.Trim()}\" = {attribution.Total[0, 0]:F3} after \"{prompt}\"");
    foreach (var part in attribution.Top(6))
        Console.WriteLine($"  {part.Labels[0],-10} {part.Value,7:F3}");
    var best = attribution.Heads["prompt", 0]["pos", 0].Top(1)[0].Indices;
    var sources = run.AttributeLogitToSources(yes, no, positions: Position.Last)["prompt", 0]["pos", 0];
    var ofBest = sources["layer", best[0]]["head", best[1]];
    Strongest($"L{best[0]}H{best[1]} by the token it reads (they sum to {ofBest.Sum():F3})", ofBest);

    // What do its weights say?
    var (read, written) = model.SingularTokens(best[0], best[1], vectors: 4, count: 6);
    read.Print();
    written.Print();
    var composition = model.CompositionScores(Composition.Key);
    Strongest("\nKey composition, |OV·QKᵀ| over the norms", composition);

    // Take away what the strongest head selects: let it attend evenly.
    double Difference(RunPlan plan)
    {
        using var logits = plan.Logits();
        using var last = logits[0, ^1].cpu();
        return last[yes].ToDouble() - last[no].ToDouble();
    }
    var even = model.On(prompt).UniformAttention(best[0], best[1]);
    Console.WriteLine($"With L{best[0]}H{best[1]} attending evenly: {Difference(even):F3} instead of {Difference(model.On(prompt)):F3}");

    // A change of weights that is taken back.
    var group = best[1] / (model.Config.Heads / model.Config.KvHeads);
    using (model.Edit().Set(m => m.WV(best[0])[group], torch.zeros(1)))
        Console.WriteLine($"With the value matrix of its group of heads set to zero: {Difference(model.On(prompt)):F3}");
    Console.WriteLine($"Afterwards: {Difference(model.On(prompt)):F3}\n");

    var folder = Directory.CreateDirectory(options.GetValueOrDefault("--out", "out")).FullName;
    Save(induction.Heatmap("Induction scores"), "heads-induction.html");
    Save(cache.AttentionEntropy().Heatmap("Entropy of attention (nats)"), "heads-entropy.html");
    Save(attribution.Heads["prompt", 0]["pos", 0].Heatmap($"What each head writes for \"{right.Trim()}\" over \"{wrong.Trim()}\""), "heads-shares.html");
    Save(sources["layer", best[0]].Heatmap($"Layer {best[0]}: what heads write, by the token they read"), "heads-sources.html");
    Save(run.Attention(best[0], title: $"Attention of layer {best[0]} (head {best[1]} writes most)"), "heads-attention.html");
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

static void Strongest(string title, LabelledArray array)
{
    Console.WriteLine($"{title}:");
    foreach (var entry in array.Top(4))
        Console.WriteLine($"  {string.Join(", ", array.Axes.Zip(entry.Labels, (axis, label) => $"{axis.Name} {label}")),-60} {entry.Value,7:F3}");
    Console.WriteLine();
}

static string Row(LabelledArray array) => string.Join(' ', array.Values.ToArray().Select(v => $"{v:F2}"));

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
