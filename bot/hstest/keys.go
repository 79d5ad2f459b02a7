package hstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"maunium.net/go/mautrix/id"
)

// keys are the public keys of devices and what devices send to each other
// (Matrix specification, client-server API, "End-to-End Encryption").
type keys struct {
	devices      map[session]*device
	crossSigning map[string]object // by user ID and purpose, such as "master_key"
	changes      []change
}

// device is what a device has published and what waits for it.
type device struct {
	keys    object
	oneTime map[string]json.RawMessage // by key ID
	order   []string                   // of oneTime, oldest first
	mail    []mail
}

// change says that the keys of a user changed.
type change struct {
	user     id.UserID
	position int
}

// mail is a to-device message.
type mail struct {
	position int
	content  object
}

func (s *Server) keyRoutes(handle func(string, http.HandlerFunc)) {
	handle("POST /keys/upload", s.uploadKeys)
	handle("POST /keys/query", s.queryKeys)
	handle("POST /keys/claim", s.claimKeys)
	handle("POST /keys/device_signing/upload", s.uploadCrossSigning)
	handle("POST /keys/signatures/upload", s.uploadSignatures)
	handle("PUT /sendToDevice/{type}/{txn}", s.sendToDevice)
}

// device returns a device, whether it has published anything or not. The
// caller holds mu.
func (s *Server) device(who session) *device {
	d := s.keys.devices[who]
	if d == nil {
		d = &device{oneTime: map[string]json.RawMessage{}}
		s.keys.devices[who] = d
	}
	return d
}

// keysChanged lets everyone know. The caller holds mu.
func (s *Server) keysChanged(user id.UserID) {
	s.position++
	s.keys.changes = append(s.keys.changes, change{user, s.position})
	s.wake()
}

// keyNews adds to a /sync response what is new for a device, and says whether
// anything is. What the device has confirmed by asking for later news is
// forgotten. The caller holds mu.
func (s *Server) keyNews(news object, who session, since int) bool {
	d := s.device(who)
	d.mail = slices.DeleteFunc(d.mail, func(m mail) bool { return m.position <= since })
	messages := []object{}
	for _, m := range d.mail {
		messages = append(messages, m.content)
	}
	changed := map[id.UserID]bool{}
	for _, c := range s.keys.changes {
		if c.position > since {
			changed[c.user] = true
		}
	}
	news["to_device"] = object{"events": messages}
	news["device_lists"] = object{"changed": slices.Collect(maps.Keys(changed))}
	news["device_one_time_keys_count"] = object{"signed_curve25519": len(d.oneTime)}
	return len(messages)+len(changed) > 0
}

func (s *Server) uploadKeys(w http.ResponseWriter, r *http.Request) {
	var req struct {
		DeviceKeys  object                     `json:"device_keys"`
		OneTimeKeys map[string]json.RawMessage `json:"one_time_keys"`
	}
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.tokens[token(r)]
	d := s.device(who)
	for _, name := range slices.Sorted(maps.Keys(req.OneTimeKeys)) {
		if d.oneTime[name] == nil {
			d.order = append(d.order, name)
		}
		d.oneTime[name] = req.OneTimeKeys[name]
	}
	if req.DeviceKeys != nil {
		d.keys = req.DeviceKeys
		s.keysChanged(who.user)
	}
	reply(w, object{"one_time_key_counts": object{"signed_curve25519": len(d.oneTime)}})
}

func (s *Server) queryKeys(w http.ResponseWriter, r *http.Request) {
	var req struct {
		DeviceKeys map[id.UserID][]id.DeviceID `json:"device_keys"`
	}
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	devices := map[id.UserID]map[id.DeviceID]object{}
	found := object{"device_keys": devices}
	for user, wanted := range req.DeviceKeys {
		devices[user] = map[id.DeviceID]object{}
		for who, d := range s.keys.devices {
			if who.user == user && d.keys != nil && (len(wanted) == 0 || slices.Contains(wanted, who.device)) {
				devices[user][who.device] = d.keys
			}
		}
		for _, purpose := range purposes {
			if key := s.keys.crossSigning[string(user)+" "+purpose]; key != nil {
				of, _ := found[purpose+"s"].(map[id.UserID]object)
				if of == nil {
					of = map[id.UserID]object{}
					found[purpose+"s"] = of
				}
				of[user] = key
			}
		}
	}
	reply(w, found)
}

// purposes of cross-signing keys.
var purposes = []string{"master_key", "self_signing_key", "user_signing_key"}

func (s *Server) claimKeys(w http.ResponseWriter, r *http.Request) {
	var req struct {
		OneTimeKeys map[id.UserID]map[id.DeviceID]string `json:"one_time_keys"`
	}
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	claimed := map[id.UserID]map[id.DeviceID]map[string]json.RawMessage{}
	for user, devices := range req.OneTimeKeys {
		claimed[user] = map[id.DeviceID]map[string]json.RawMessage{}
		for name := range devices {
			d := s.device(session{user, name})
			if len(d.order) == 0 {
				continue
			}
			first := d.order[0]
			d.order = d.order[1:]
			claimed[user][name] = map[string]json.RawMessage{first: d.oneTime[first]}
			delete(d.oneTime, first)
		}
	}
	s.position++ // whose keys were claimed has fewer
	s.wake()
	reply(w, object{"one_time_keys": claimed})
}

func (s *Server) uploadCrossSigning(w http.ResponseWriter, r *http.Request) {
	var req object
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.tokens[token(r)].user
	for _, purpose := range purposes {
		if key, ok := req[purpose].(object); ok {
			s.keys.crossSigning[string(user)+" "+purpose] = key
		}
	}
	s.keysChanged(user)
	reply(w, object{})
}

// uploadSignatures adds signatures to the keys that they are of.
func (s *Server) uploadSignatures(w http.ResponseWriter, r *http.Request) {
	var req map[id.UserID]map[string]object
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for user, signed := range req {
		for name, with := range signed {
			if d := s.keys.devices[session{user, id.DeviceID(name)}]; d != nil && d.keys != nil {
				d.keys = sign(d.keys, with)
			}
			for _, purpose := range purposes {
				at := string(user) + " " + purpose
				key := s.keys.crossSigning[at]
				if public, _ := key["keys"].(object); public["ed25519:"+name] != nil {
					s.keys.crossSigning[at] = sign(key, with)
				}
			}
		}
		s.keysChanged(user)
	}
	reply(w, object{})
}

// sign returns a key with the signatures of another copy of it too.
func sign(key, with object) object {
	signatures := object{}
	for _, from := range []object{key, with} {
		by, _ := from["signatures"].(object)
		for user, more := range by {
			all, _ := signatures[user].(object)
			if all == nil {
				all = object{}
			}
			some, _ := more.(object)
			maps.Copy(all, some)
			signatures[user] = all
		}
	}
	signed := maps.Clone(key)
	signed["signatures"] = signatures
	return signed
}

func (s *Server) sendToDevice(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Messages map[id.UserID]map[id.DeviceID]object `json:"messages"`
	}
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sender := s.tokens[token(r)].user
	if key := token(r) + " device " + r.PathValue("txn"); s.txns[key] == "" {
		s.txns[key] = "sent"
		s.position++
		for user, devices := range req.Messages {
			for who, d := range s.keys.devices {
				content, ok := devices[who.device]
				if !ok {
					content, ok = devices["*"]
				}
				if who.user == user && ok {
					d.mail = append(d.mail, mail{s.position, object{"type": r.PathValue("type"), "sender": sender, "content": content}})
				}
			}
		}
		s.wake()
	}
	reply(w, object{})
}
