namespace Interp;

/// <summary>Verbs that take a unit apart for a sweep.</summary>
public static class UnitGridExtensions
{
    /// <summary>One experiment per layer.</summary>
    public static UnitGrid ByLayer(this Unit unit) => new(unit, []);

    /// <inheritdoc cref="ByLayer(Unit)"/>
    public static UnitGrid ByLayer(this Site site) => Unit.Of(site).ByLayer();

    /// <summary>One experiment per layer and head.</summary>
    /// <exception cref="ArgumentException">The site has no heads.</exception>
    public static UnitGrid ByHead(this Unit unit) => unit.ByLayer().ByHead();

    /// <inheritdoc cref="ByHead(Unit)"/>
    public static UnitGrid ByHead(this Site site) => Unit.Of(site).ByHead();

    /// <summary>One experiment per layer and position.</summary>
    /// <exception cref="ArgumentException">The site has no positions.</exception>
    public static UnitGrid ByPosition(this Unit unit) => unit.ByLayer().ByPosition();

    /// <inheritdoc cref="ByPosition(Unit)"/>
    public static UnitGrid ByPosition(this Site site) => Unit.Of(site).ByPosition();

    /// <summary>One experiment per layer and role; see <see cref="UnitGrid.ByRole"/>.</summary>
    public static UnitGrid ByRole(this Unit unit, params IEnumerable<string> roles) => unit.ByLayer().ByRole(roles);

    /// <inheritdoc cref="ByRole(Unit, IEnumerable{string})"/>
    public static UnitGrid ByRole(this Site site, params IEnumerable<string> roles) => Unit.Of(site).ByRole(roles);

    /// <summary>One experiment per layer and neuron (place along the last axis).</summary>
    public static UnitGrid ByNeuron(this Unit unit) => unit.ByLayer().By(unit.Site.Axes[^1]);

    /// <inheritdoc cref="ByNeuron(Unit)"/>
    public static UnitGrid ByNeuron(this Site site) => Unit.Of(site).ByNeuron();

    /// <summary>Narrows a site to heads.</summary>
    public static Unit Head(this Site site, Indices heads) => Unit.Of(site).Head(heads);

    /// <summary>Narrows a site to positions.</summary>
    public static Unit At(this Site site, Indices positions) => Unit.Of(site).At(positions);

    /// <summary>Narrows a site to neurons, dimensions or features.</summary>
    public static Unit Neuron(this Site site, Indices places) => Unit.Of(site).Neuron(places);
}
