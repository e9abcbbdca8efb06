namespace Interp.Tests.Model.Running;

using System.Collections.Immutable;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Random units read and write what a plain loop over their places reads and writes.</summary>
[Trait("Tier", "model")]
public sealed class SelectionTests
{
    private static readonly RunInput Padded = RunInput.Of([[1, 2, 3, 4, 5], [1, 2, 3], [1, 2, 3, 4]]).WithRoles(
        ImmutableDictionary<string, ImmutableArray<ImmutableArray<int>>>.Empty
            .Add("one", [[2], [0], [3]]).Add("two", [[0, 4], [1, 2], [3, 1]]).Add("same", [[1], [1], [1]]).Add("uneven", [[1], [0, 1], [1]]));

    [Theory]
    [InlineData("hook_resid_pre", new long[] { 3, 5, 4 })]
    [InlineData("attn.hook_z", new long[] { 3, 5, 4, 2 })]
    [InlineData("attn.hook_pattern", new long[] { 3, 4, 5, 5 })]
    public void ReadAndWrite_RandomUnits_EqualAPlainLoop(string leaf, long[] shape)
    {
        var random = new Random(0);
        var site = HookName.Parse($"blocks.0.{leaf}").Site;
        var perRow = 0;
        for (var trial = 0; trial < 400; trial++)
        {
            using var scope = NewDisposeScope();
            var unit = Drawn(random, site, shape);
            perRow += site.Axes.Any(a => unit.Along(a).IsPerRow) ? 1 : 0;
            var x = rand(shape, dtype: ScalarType.Float64);
            var selection = TryResolve(unit, shape);
            if (selection is null)
                continue;
            var (places, kept) = Places(unit, shape);
            var selected = selection.Read(x);
            selected.shape.ShouldBe(kept, unit.ToString());
            GoldenCompare.Doubles(selected).ShouldBe(places.Select(p => GoldenCompare.Doubles(x)[p]), unit.ToString());
            var values = rand(kept, dtype: ScalarType.Float64);
            var expected = GoldenCompare.Doubles(x);
            foreach (var (place, value) in places.Zip(GoldenCompare.Doubles(values)))
                expected[place] = value;
            selection.Write(x, values);
            GoldenCompare.Doubles(x).ShouldBe(expected, unit.ToString());
        }
        perRow.ShouldBeGreaterThan(50);
    }

    [Theory]
    [InlineData(3)] // the batch is as large as the axis of the values: no place for a guess
    [InlineData(4)]
    public void Write_AVectorAtEachRowsLastToken_ReachesEveryRow(int width)
    {
        using var scope = NewDisposeScope();
        var x = zeros([3, 5, width], dtype: ScalarType.Float64);
        Selection.Resolve(ResidPre[0].At(Position.Last), x.shape, Padded, 0, false)!.Write(x, arange(1, width + 1, dtype: ScalarType.Float64));
        double[] vector = [.. Enumerable.Range(1, width).Select(i => (double)i)];
        foreach (var (row, last) in new[] { (0, 4), (1, 2), (2, 3) })
            GoldenCompare.Doubles(x[row, last]).ShouldBe(vector);
        GoldenCompare.Doubles(x).Sum().ShouldBe(3 * vector.Sum());
    }

    [Fact]
    public void Resolve_WhatHasNoMeaning_SaysSo()
    {
        long[] shape = [3, 5, 4, 2];
        Should.Throw<ArgumentException>(() => Selection.Resolve(Z[0].Head(Position.Last), shape, Padded, 0, false)).Message.ShouldContain("only along positions");
        Should.Throw<NotSupportedException>(() => Selection.Resolve(Pattern[0].Dest(Position.Last).Source(Position.Role("one")), [3, 4, 5, 5], Padded, 0, false))
            .Message.ShouldContain("two axes");
        using var x = zeros(shape);
        Should.Throw<InvalidOperationException>(() => Selection.Resolve(Z[0].At(Position.Role("uneven")), shape, Padded, 0, false)!.Read(x)).Message.ShouldContain("differ in number");
        Should.Throw<ArgumentOutOfRangeException>(() => Selection.Resolve(Z[0].At(5), shape, Padded, 0, false)).Message.ShouldContain("there are 5 (0-4)");
    }

    [Fact]
    public void GenerateTokens_EditAtARole_ActsOnThePromptAlone()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var roles = ImmutableDictionary<string, ImmutableArray<ImmutableArray<int>>>.Empty.Add("who", [[1], [2]]);
        var input = RunInput.Of([[1, 2, 3, 4], [5, 6, 7, 8]]).WithRoles(roles);
        model.On(input).Scale(ResidPre[1].At(Position.Role("who")), 3).GenerateTokens(4).ShouldBe(
        [
            model.On([[1, 2, 3, 4]]).Scale(ResidPre[1].At(1), 3).GenerateTokens(4)[0],
            model.On([[5, 6, 7, 8]]).Scale(ResidPre[1].At(2), 3).GenerateTokens(4)[0],
        ]);
    }

    // Combinations that are refused are no trial.
    private static Selection? TryResolve(Interp.Unit unit, long[] shape)
    {
        if (unit.Site.Axes.Count(a => unit.Along(a).IsPerRow && !Uniform(unit.Along(a))) > 1)
            return null;
        var rowwise = unit.Site.Axes.Any(a => unit.Along(a).IsPerRow && !Uniform(unit.Along(a)));
        var broken = unit.Site.Axes.Any(a => unit.Along(a) is { IsAll: false, IsPerRow: false } places && Gaps(places.Resolve((int)shape[unit.Site.Axis(a)], a)));
        return rowwise && broken ? null : Selection.Resolve(unit, shape, Padded, 0, false);
    }

    private static bool Uniform(Indices places) => places.RoleName == "same";

    private static bool Gaps(int[] places) => places.Zip(places.Skip(1)).Any(p => p.Second != p.First + 1);

    private static Interp.Unit Drawn(Random random, Site site, long[] shape)
    {
        Interp.Unit unit = new HookName(site, 0);
        for (var axis = 1; axis < shape.Length; axis++)
        {
            var length = (int)shape[axis];
            var positions = site.Axes[axis] is "pos" or "query" or "key";
            unit = random.Next(positions ? 6 : 4) switch
            {
                0 => unit,
                1 => unit.Along(site.Axes[axis], random.Next(2) == 0 ? (Indices)random.Next(length) : ^(1 + random.Next(length))),
                2 => unit.Along(site.Axes[axis], random.Next(length)..length),
                3 => unit.Along(site.Axes[axis], Enumerable.Range(0, length).Where(_ => random.Next(2) == 0).Append(random.Next(length)).Distinct().Order().ToArray()),
                4 => unit.Along(site.Axes[axis], Position.Last),
                _ => unit.Along(site.Axes[axis], Position.Role(random.Next(3) switch { 0 => "one", 1 => "two", _ => "same" })),
            };
        }
        return unit;
    }

    // The flat places a unit means, in its own order, and the shape of what is read.
    private static (List<int> Flat, long[] Kept) Places(Interp.Unit unit, long[] shape)
    {
        List<int> flat = [];
        List<long> kept = [shape[0]];
        for (var row = 0; row < shape[0]; row++)
        {
            IEnumerable<int> offsets = [row];
            for (var axis = 1; axis < shape.Length; axis++)
            {
                var (length, along) = ((int)shape[axis], unit.Along(unit.Site.Axes[axis]));
                var places = along.IsPerRow ? Padded.Columns(along)[row] : along.Resolve(length, "place");
                offsets = offsets.SelectMany(o => places.Select(p => o * length + p)).ToArray();
                if (row == 0 && !along.IsSingle && !(along.IsPerRow && places.Length == 1))
                    kept.Add(places.Length);
            }
            flat.AddRange(offsets);
        }
        return (flat, [.. kept]);
    }
}
